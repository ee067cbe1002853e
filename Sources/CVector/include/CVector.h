// Comparisons of 64 bytes at once as a bit each, which Swift's SIMD types cannot give. What every processor of an architecture has (SSE2, NEON) is
// inlined; AVX2 and AVX-512 are called where the processor has them. Elsewhere plain C does the same. And the one instruction that makes a checksum.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli; RFC 3720, appendix B.4) of `count` bytes, going on from `checksum` (0 at the start).
uint32_t weir_crc32c(uint32_t checksum, const uint8_t *bytes, size_t count);
/// The same without the processor's instruction; for tests and for processors that have none.
uint32_t weir_crc32c_plain(uint32_t checksum, const uint8_t *bytes, size_t count);

/// Of 64 bytes of JSON text, a bit each, the first byte's the lowest.
struct weir_string_bits {
    uint64_t quotes;      ///< `"`
    uint64_t backslashes; ///< `\`
    uint64_t controls;    ///< below 0x20
};

/// Of the same bytes, what follows a backslash (RFC 8259, section 7).
struct weir_escape_bits {
    uint64_t letters; ///< `/ b f n r t u`; `"` and `\` may stand there, too
    uint64_t units;   ///< `u`, which four hexadecimal digits follow
    uint64_t digits;  ///< hexadecimal digits
};

/// Of 64 bytes of text, a bit each, the first byte's the lowest: what Unicode calls the ASCII ones, and which are not ASCII.
struct weir_text_bits {
    uint64_t uppers;      ///< `A`..`Z`
    uint64_t lowers;      ///< `a`..`z`
    uint64_t digits;      ///< `0`..`9`
    uint64_t newlines;    ///< LF and CR
    uint64_t blanks;      ///< space, tab, vertical tab, form feed
    uint64_t spaces;      ///< space alone
    uint64_t slashes;     ///< `/`
    uint64_t apostrophes; ///< `'`
    uint64_t foreign;     ///< 0x80 and above
};

#if defined(__x86_64__)
#include <emmintrin.h>

/// What the processor has, found when the program starts: 0 SSE2, 1 AVX2, 2 AVX-512 with byte comparisons. Tests set it lower.
extern int weir_vector_level;
int weir_best_vector_level(void);
static inline void weir_use_vector_level(int level) { weir_vector_level = level; }

struct weir_string_bits weir_string_bits_avx2(const uint8_t *bytes);
struct weir_string_bits weir_string_bits_avx512(const uint8_t *bytes);
struct weir_escape_bits weir_escape_bits_avx2(const uint8_t *bytes);
struct weir_escape_bits weir_escape_bits_avx512(const uint8_t *bytes);
struct weir_text_bits weir_text_bits_avx2(const uint8_t *bytes);
struct weir_text_bits weir_text_bits_avx512(const uint8_t *bytes);

static inline struct weir_text_bits weir_text_bits(const uint8_t *bytes)
{
    if (weir_vector_level == 2)
        return weir_text_bits_avx512(bytes);
    if (weir_vector_level == 1)
        return weir_text_bits_avx2(bytes);
    struct weir_text_bits bits = {0, 0, 0, 0, 0, 0, 0, 0, 0};
    for (int part = 0; part < 4; part++) {
        __m128i block = _mm_loadu_si128((const __m128i *)(bytes + 16 * part));
        int shift = 16 * part;
        __m128i upper = _mm_sub_epi8(block, _mm_set1_epi8('A')), lower = _mm_sub_epi8(block, _mm_set1_epi8('a'));
        __m128i digit = _mm_sub_epi8(block, _mm_set1_epi8('0')), control = _mm_sub_epi8(block, _mm_set1_epi8('\t'));
        __m128i space = _mm_cmpeq_epi8(block, _mm_set1_epi8(' '));
        __m128i newline = _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('\n')), _mm_cmpeq_epi8(block, _mm_set1_epi8('\r')));
        __m128i white = _mm_cmpeq_epi8(_mm_min_epu8(control, _mm_set1_epi8(4)), control);
#define WEIR_BITS(lanes) ((uint64_t)(uint32_t)_mm_movemask_epi8(lanes) << shift)
        bits.uppers |= WEIR_BITS(_mm_cmpeq_epi8(_mm_min_epu8(upper, _mm_set1_epi8(25)), upper));
        bits.lowers |= WEIR_BITS(_mm_cmpeq_epi8(_mm_min_epu8(lower, _mm_set1_epi8(25)), lower));
        bits.digits |= WEIR_BITS(_mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit));
        bits.newlines |= WEIR_BITS(newline);
        bits.blanks |= WEIR_BITS(_mm_or_si128(space, _mm_andnot_si128(newline, white)));
        bits.spaces |= WEIR_BITS(space);
        bits.slashes |= WEIR_BITS(_mm_cmpeq_epi8(block, _mm_set1_epi8('/')));
        bits.apostrophes |= WEIR_BITS(_mm_cmpeq_epi8(block, _mm_set1_epi8('\'')));
        bits.foreign |= WEIR_BITS(block);
#undef WEIR_BITS
    }
    return bits;
}

static inline struct weir_string_bits weir_string_bits(const uint8_t *bytes)
{
    if (weir_vector_level == 2)
        return weir_string_bits_avx512(bytes);
    if (weir_vector_level == 1)
        return weir_string_bits_avx2(bytes);
    const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), highest = _mm_set1_epi8(0x1F);
    struct weir_string_bits bits = {0, 0, 0};
    for (int part = 0; part < 4; part++) {
        __m128i block = _mm_loadu_si128((const __m128i *)(bytes + 16 * part));
        int shift = 16 * part;
        bits.quotes |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(block, quote)) << shift;
        bits.backslashes |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(block, backslash)) << shift;
        bits.controls |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(block, highest), block)) << shift;
    }
    return bits;
}

static inline struct weir_escape_bits weir_escape_bits(const uint8_t *bytes)
{
    if (weir_vector_level == 2)
        return weir_escape_bits_avx512(bytes);
    if (weir_vector_level == 1)
        return weir_escape_bits_avx2(bytes);
    const __m128i slash = _mm_set1_epi8('/'), b = _mm_set1_epi8('b'), n = _mm_set1_epi8('n'), r = _mm_set1_epi8('r');
    const __m128i u = _mm_set1_epi8('u'), one = _mm_set1_epi8(1), without_four = _mm_set1_epi8((char)0xFB);
    const __m128i zero = _mm_set1_epi8('0'), nine = _mm_set1_epi8(9), a = _mm_set1_epi8('a'), five = _mm_set1_epi8(5);
    const __m128i small = _mm_set1_epi8(0x20);
    struct weir_escape_bits bits = {0, 0, 0};
    for (int part = 0; part < 4; part++) {
        __m128i block = _mm_loadu_si128((const __m128i *)(bytes + 16 * part));
        int shift = 16 * part;
        __m128i b_or_f = _mm_cmpeq_epi8(_mm_and_si128(block, without_four), b);
        __m128i t_or_u = _mm_cmpeq_epi8(_mm_or_si128(block, one), u);
        __m128i others = _mm_or_si128(
            _mm_cmpeq_epi8(block, n), _mm_or_si128(_mm_cmpeq_epi8(block, r), _mm_cmpeq_epi8(block, slash)));
        __m128i digit = _mm_sub_epi8(block, zero), letter = _mm_sub_epi8(_mm_or_si128(block, small), a);
        __m128i digits = _mm_or_si128(
            _mm_cmpeq_epi8(_mm_min_epu8(digit, nine), digit), _mm_cmpeq_epi8(_mm_min_epu8(letter, five), letter));
        bits.letters |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(b_or_f, t_or_u), others)) << shift;
        bits.units |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(block, u)) << shift;
        bits.digits |= (uint64_t)(uint32_t)_mm_movemask_epi8(digits) << shift;
    }
    return bits;
}

#else

// No choice at run time.
static inline int weir_best_vector_level(void) { return 0; }
static inline void weir_use_vector_level(int level) { (void)level; }

static inline struct weir_text_bits weir_text_bits(const uint8_t *bytes)
{
    struct weir_text_bits bits = {0, 0, 0, 0, 0, 0, 0, 0, 0};
    for (int at = 0; at < 64; at++) {
        uint8_t byte = bytes[at], control = byte - '\t';
        int newline = byte == '\n' || byte == '\r';
        bits.uppers |= (uint64_t)((uint8_t)(byte - 'A') < 26) << at;
        bits.lowers |= (uint64_t)((uint8_t)(byte - 'a') < 26) << at;
        bits.digits |= (uint64_t)((uint8_t)(byte - '0') < 10) << at;
        bits.newlines |= (uint64_t)newline << at;
        bits.blanks |= (uint64_t)(byte == ' ' || (control < 5 && !newline)) << at;
        bits.spaces |= (uint64_t)(byte == ' ') << at;
        bits.slashes |= (uint64_t)(byte == '/') << at;
        bits.apostrophes |= (uint64_t)(byte == '\'') << at;
        bits.foreign |= (uint64_t)(byte >> 7) << at;
    }
    return bits;
}

#if defined(__ARM_NEON)
#include <arm_neon.h>

static inline uint64_t weir_lane_bits(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d)
{
    const uint8x16_t weight = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t left = vpaddq_u8(vandq_u8(a, weight), vandq_u8(b, weight));
    uint8x16_t right = vpaddq_u8(vandq_u8(c, weight), vandq_u8(d, weight));
    uint8x16_t sums = vpaddq_u8(left, right);
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(sums, sums)), 0);
}

static inline struct weir_string_bits weir_string_bits(const uint8_t *bytes)
{
    const uint8x16_t quote = vdupq_n_u8('"'), backslash = vdupq_n_u8('\\'), space = vdupq_n_u8(0x20);
    uint8x16_t a = vld1q_u8(bytes), b = vld1q_u8(bytes + 16), c = vld1q_u8(bytes + 32), d = vld1q_u8(bytes + 48);
    struct weir_string_bits bits = {
        weir_lane_bits(vceqq_u8(a, quote), vceqq_u8(b, quote), vceqq_u8(c, quote), vceqq_u8(d, quote)),
        weir_lane_bits(vceqq_u8(a, backslash), vceqq_u8(b, backslash), vceqq_u8(c, backslash), vceqq_u8(d, backslash)),
        weir_lane_bits(vcltq_u8(a, space), vcltq_u8(b, space), vcltq_u8(c, space), vcltq_u8(d, space)),
    };
    return bits;
}

static inline uint8x16_t weir_is_letter(uint8x16_t block)
{
    uint8x16_t b_or_f = vceqq_u8(vandq_u8(block, vdupq_n_u8(0xFB)), vdupq_n_u8('b'));
    uint8x16_t t_or_u = vceqq_u8(vorrq_u8(block, vdupq_n_u8(1)), vdupq_n_u8('u'));
    uint8x16_t n_or_r = vorrq_u8(vceqq_u8(block, vdupq_n_u8('n')), vceqq_u8(block, vdupq_n_u8('r')));
    return vorrq_u8(vorrq_u8(b_or_f, t_or_u), vorrq_u8(n_or_r, vceqq_u8(block, vdupq_n_u8('/'))));
}

static inline uint8x16_t weir_is_digit(uint8x16_t block)
{
    uint8x16_t digit = vsubq_u8(block, vdupq_n_u8('0')), letter = vsubq_u8(vorrq_u8(block, vdupq_n_u8(0x20)), vdupq_n_u8('a'));
    return vorrq_u8(vcltq_u8(digit, vdupq_n_u8(10)), vcltq_u8(letter, vdupq_n_u8(6)));
}

static inline struct weir_escape_bits weir_escape_bits(const uint8_t *bytes)
{
    const uint8x16_t u = vdupq_n_u8('u');
    uint8x16_t a = vld1q_u8(bytes), b = vld1q_u8(bytes + 16), c = vld1q_u8(bytes + 32), d = vld1q_u8(bytes + 48);
    struct weir_escape_bits bits = {
        weir_lane_bits(weir_is_letter(a), weir_is_letter(b), weir_is_letter(c), weir_is_letter(d)),
        weir_lane_bits(vceqq_u8(a, u), vceqq_u8(b, u), vceqq_u8(c, u), vceqq_u8(d, u)),
        weir_lane_bits(weir_is_digit(a), weir_is_digit(b), weir_is_digit(c), weir_is_digit(d)),
    };
    return bits;
}

#else

static inline struct weir_string_bits weir_string_bits(const uint8_t *bytes)
{
    struct weir_string_bits bits = {0, 0, 0};
    for (int at = 0; at < 64; at++) {
        bits.quotes |= (uint64_t)(bytes[at] == '"') << at;
        bits.backslashes |= (uint64_t)(bytes[at] == '\\') << at;
        bits.controls |= (uint64_t)(bytes[at] < 0x20) << at;
    }
    return bits;
}

static inline struct weir_escape_bits weir_escape_bits(const uint8_t *bytes)
{
    struct weir_escape_bits bits = {0, 0, 0};
    for (int at = 0; at < 64; at++) {
        uint8_t byte = bytes[at], digit = byte - '0', letter = (byte | 0x20) - 'a';
        uint64_t known = byte == '/' || byte == 'b' || byte == 'f' || byte == 'n' || byte == 'r' || (byte | 1) == 'u';
        bits.letters |= known << at;
        bits.units |= (uint64_t)(byte == 'u') << at;
        bits.digits |= (uint64_t)(digit < 10 || letter < 6) << at;
    }
    return bits;
}

#endif
#endif
