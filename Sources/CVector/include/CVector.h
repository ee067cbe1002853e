// Comparisons of 64 bytes at once as a bit each, which Swift's SIMD types cannot give: SSE2 and NEON belong to every processor of their
// architectures, so nothing is chosen at run time. Elsewhere, and where WEIR_PLAIN_C is set for tests, plain C does the same.
#pragma once
#include <stdint.h>

/// Of 64 bytes of JSON text, a bit each, the first byte's the lowest.
struct weir_string_bits {
    uint64_t quotes;      ///< `"`
    uint64_t backslashes; ///< `\`
    uint64_t controls;    ///< below 0x20
};

/// What stands behind a backslash in JSON text (RFC 8259, section 7).
enum {
    weir_escape_known = 1, ///< one of `" \\ / b f n r t u`
    weir_escape_unit = 2,  ///< `u`, which four hexadecimal digits follow
};

static const uint8_t weir_escape_kinds[256] = {
    ['"'] = 1, ['\\'] = 1, ['/'] = 1, ['b'] = 1, ['f'] = 1, ['n'] = 1, ['r'] = 1, ['t'] = 1, ['u'] = 3,
};

static inline uint8_t weir_escape_kind(uint8_t byte) { return weir_escape_kinds[byte]; }

#if defined(__SSE2__) && !defined(WEIR_PLAIN_C)
#include <emmintrin.h>

static inline struct weir_string_bits weir_string_bits(const uint8_t *bytes)
{
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

/// Every `u`.
static inline uint64_t weir_unit_bits(const uint8_t *bytes)
{
    const __m128i u = _mm_set1_epi8('u');
    uint64_t bits = 0;
    for (int part = 0; part < 4; part++) {
        __m128i block = _mm_loadu_si128((const __m128i *)(bytes + 16 * part));
        bits |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(block, u)) << (16 * part);
    }
    return bits;
}

/// The hexadecimal digits.
static inline uint64_t weir_digit_bits(const uint8_t *bytes)
{
    const __m128i zero = _mm_set1_epi8('0'), nine = _mm_set1_epi8(9), a = _mm_set1_epi8('a'), five = _mm_set1_epi8(5);
    const __m128i small = _mm_set1_epi8(0x20);
    uint64_t bits = 0;
    for (int part = 0; part < 4; part++) {
        __m128i block = _mm_loadu_si128((const __m128i *)(bytes + 16 * part));
        __m128i digit = _mm_sub_epi8(block, zero), letter = _mm_sub_epi8(_mm_or_si128(block, small), a);
        __m128i all = _mm_or_si128(
            _mm_cmpeq_epi8(_mm_min_epu8(digit, nine), digit), _mm_cmpeq_epi8(_mm_min_epu8(letter, five), letter));
        bits |= (uint64_t)(uint32_t)_mm_movemask_epi8(all) << (16 * part);
    }
    return bits;
}

#elif defined(__ARM_NEON) && !defined(WEIR_PLAIN_C)
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

static inline uint64_t weir_unit_bits(const uint8_t *bytes)
{
    const uint8x16_t u = vdupq_n_u8('u');
    return weir_lane_bits(
        vceqq_u8(vld1q_u8(bytes), u), vceqq_u8(vld1q_u8(bytes + 16), u), vceqq_u8(vld1q_u8(bytes + 32), u),
        vceqq_u8(vld1q_u8(bytes + 48), u));
}

static inline uint8x16_t weir_is_digit(uint8x16_t block)
{
    uint8x16_t digit = vsubq_u8(block, vdupq_n_u8('0')), letter = vsubq_u8(vorrq_u8(block, vdupq_n_u8(0x20)), vdupq_n_u8('a'));
    return vorrq_u8(vcltq_u8(digit, vdupq_n_u8(10)), vcltq_u8(letter, vdupq_n_u8(6)));
}

static inline uint64_t weir_digit_bits(const uint8_t *bytes)
{
    return weir_lane_bits(
        weir_is_digit(vld1q_u8(bytes)), weir_is_digit(vld1q_u8(bytes + 16)), weir_is_digit(vld1q_u8(bytes + 32)),
        weir_is_digit(vld1q_u8(bytes + 48)));
}

#else

static inline uint64_t weir_unit_bits(const uint8_t *bytes)
{
    uint64_t bits = 0;
    for (int at = 0; at < 64; at++)
        bits |= (uint64_t)(bytes[at] == 'u') << at;
    return bits;
}

static inline uint64_t weir_digit_bits(const uint8_t *bytes)
{
    uint64_t bits = 0;
    for (int at = 0; at < 64; at++)
        bits |= (uint64_t)((uint8_t)(bytes[at] - '0') < 10 || (uint8_t)((bytes[at] | 0x20) - 'a') < 6) << at;
    return bits;
}

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

#endif
