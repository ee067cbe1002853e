#include "CVector.h"

#if defined(__x86_64__)
#include <immintrin.h>

int weir_vector_level = 0;

int weir_best_vector_level(void)
{
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512bw"))
        return 2;
    return __builtin_cpu_supports("avx2") ? 1 : 0;
}

__attribute__((constructor)) static void choose_vector_level(void) { weir_vector_level = weir_best_vector_level(); }

#define AVX2 __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx512f,avx512bw")))

AVX2 static inline uint64_t bits_of(__m256i low, __m256i high)
{
    return (uint64_t)(uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

AVX2 struct weir_string_bits weir_string_bits_avx2(const uint8_t *bytes)
{
    __m256i low = _mm256_loadu_si256((const __m256i *)bytes), high = _mm256_loadu_si256((const __m256i *)(bytes + 32));
    const __m256i quote = _mm256_set1_epi8('"'), backslash = _mm256_set1_epi8('\\'), highest = _mm256_set1_epi8(0x1F);
    return (struct weir_string_bits){
        bits_of(_mm256_cmpeq_epi8(low, quote), _mm256_cmpeq_epi8(high, quote)),
        bits_of(_mm256_cmpeq_epi8(low, backslash), _mm256_cmpeq_epi8(high, backslash)),
        bits_of(
            _mm256_cmpeq_epi8(_mm256_min_epu8(low, highest), low), _mm256_cmpeq_epi8(_mm256_min_epu8(high, highest), high)),
    };
}

AVX2 static inline __m256i is_letter(__m256i block)
{
    __m256i b_or_f = _mm256_cmpeq_epi8(_mm256_and_si256(block, _mm256_set1_epi8((char)0xFB)), _mm256_set1_epi8('b'));
    __m256i t_or_u = _mm256_cmpeq_epi8(_mm256_or_si256(block, _mm256_set1_epi8(1)), _mm256_set1_epi8('u'));
    __m256i n_or_r = _mm256_or_si256(
        _mm256_cmpeq_epi8(block, _mm256_set1_epi8('n')), _mm256_cmpeq_epi8(block, _mm256_set1_epi8('r')));
    __m256i slash = _mm256_cmpeq_epi8(block, _mm256_set1_epi8('/'));
    return _mm256_or_si256(_mm256_or_si256(b_or_f, t_or_u), _mm256_or_si256(n_or_r, slash));
}

AVX2 static inline __m256i is_digit(__m256i block)
{
    __m256i digit = _mm256_sub_epi8(block, _mm256_set1_epi8('0'));
    __m256i letter = _mm256_sub_epi8(_mm256_or_si256(block, _mm256_set1_epi8(0x20)), _mm256_set1_epi8('a'));
    return _mm256_or_si256(
        _mm256_cmpeq_epi8(_mm256_min_epu8(digit, _mm256_set1_epi8(9)), digit),
        _mm256_cmpeq_epi8(_mm256_min_epu8(letter, _mm256_set1_epi8(5)), letter));
}

AVX2 struct weir_escape_bits weir_escape_bits_avx2(const uint8_t *bytes)
{
    __m256i low = _mm256_loadu_si256((const __m256i *)bytes), high = _mm256_loadu_si256((const __m256i *)(bytes + 32));
    const __m256i u = _mm256_set1_epi8('u');
    return (struct weir_escape_bits){
        bits_of(is_letter(low), is_letter(high)),
        bits_of(_mm256_cmpeq_epi8(low, u), _mm256_cmpeq_epi8(high, u)),
        bits_of(is_digit(low), is_digit(high)),
    };
}

AVX512 struct weir_string_bits weir_string_bits_avx512(const uint8_t *bytes)
{
    __m512i block = _mm512_loadu_si512(bytes);
    return (struct weir_string_bits){
        _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('"')),
        _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('\\')),
        _mm512_cmplt_epu8_mask(block, _mm512_set1_epi8(0x20)),
    };
}

AVX512 struct weir_escape_bits weir_escape_bits_avx512(const uint8_t *bytes)
{
    __m512i block = _mm512_loadu_si512(bytes);
    __m512i digit = _mm512_sub_epi8(block, _mm512_set1_epi8('0'));
    __m512i letter = _mm512_sub_epi8(_mm512_or_si512(block, _mm512_set1_epi8(0x20)), _mm512_set1_epi8('a'));
    uint64_t b_or_f = _mm512_cmpeq_epi8_mask(_mm512_and_si512(block, _mm512_set1_epi8((char)0xFB)), _mm512_set1_epi8('b'));
    uint64_t t_or_u = _mm512_cmpeq_epi8_mask(_mm512_or_si512(block, _mm512_set1_epi8(1)), _mm512_set1_epi8('u'));
    uint64_t n = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('n')), r = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('r'));
    return (struct weir_escape_bits){
        b_or_f | t_or_u | n | r | _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('/')),
        _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('u')),
        _mm512_cmplt_epu8_mask(digit, _mm512_set1_epi8(10)) | _mm512_cmplt_epu8_mask(letter, _mm512_set1_epi8(6)),
    };
}

AVX2 static inline uint64_t bits_below(__m256i low, __m256i high, char first, char last)
{
    const __m256i from = _mm256_set1_epi8(first), most = _mm256_set1_epi8((char)(last - first));
    low = _mm256_sub_epi8(low, from), high = _mm256_sub_epi8(high, from);
    return bits_of(_mm256_cmpeq_epi8(_mm256_min_epu8(low, most), low), _mm256_cmpeq_epi8(_mm256_min_epu8(high, most), high));
}

AVX2 static inline uint64_t bits_equal(__m256i low, __m256i high, char byte)
{
    const __m256i wanted = _mm256_set1_epi8(byte);
    return bits_of(_mm256_cmpeq_epi8(low, wanted), _mm256_cmpeq_epi8(high, wanted));
}

AVX2 struct weir_text_bits weir_text_bits_avx2(const uint8_t *bytes)
{
    __m256i low = _mm256_loadu_si256((const __m256i *)bytes), high = _mm256_loadu_si256((const __m256i *)(bytes + 32));
    uint64_t newlines = bits_equal(low, high, '\n') | bits_equal(low, high, '\r'), spaces = bits_equal(low, high, ' ');
    return (struct weir_text_bits){
        bits_below(low, high, 'A', 'Z'),
        bits_below(low, high, 'a', 'z'),
        bits_below(low, high, '0', '9'),
        newlines,
        spaces | (bits_below(low, high, '\t', '\r') & ~newlines),
        spaces,
        bits_equal(low, high, '/'),
        bits_equal(low, high, '\''),
        bits_of(low, high),
    };
}

AVX512 static inline uint64_t bits_within(__m512i block, char first, char last)
{
    return _mm512_cmple_epu8_mask(_mm512_sub_epi8(block, _mm512_set1_epi8(first)), _mm512_set1_epi8((char)(last - first)));
}

AVX512 struct weir_text_bits weir_text_bits_avx512(const uint8_t *bytes)
{
    __m512i block = _mm512_loadu_si512(bytes);
    uint64_t newlines = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('\n')) | _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('\r'));
    uint64_t spaces = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8(' '));
    return (struct weir_text_bits){
        bits_within(block, 'A', 'Z'),
        bits_within(block, 'a', 'z'),
        bits_within(block, '0', '9'),
        newlines,
        spaces | (bits_within(block, '\t', '\r') & ~newlines),
        spaces,
        _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('/')),
        _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('\'')),
        _mm512_movepi8_mask(block),
    };
}
#endif

uint32_t weir_crc32c_plain(uint32_t checksum, const uint8_t *bytes, size_t count)
{
    uint32_t rest = ~checksum;
    for (size_t at = 0; at < count; at++) {
        rest ^= bytes[at];
        for (int bit = 0; bit < 8; bit++)
            rest = rest >> 1 ^ (0x82F63B78u & -(rest & 1));
    }
    return ~rest;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crc32c_sse42(uint32_t checksum, const uint8_t *bytes, size_t count)
{
    uint64_t rest = (uint32_t)~checksum;
    for (; count >= 8; count -= 8, bytes += 8) {
        uint64_t word;
        __builtin_memcpy(&word, bytes, 8);
        rest = _mm_crc32_u64(rest, word);
    }
    for (; count > 0; count--)
        rest = _mm_crc32_u8((uint32_t)rest, *bytes++);
    return ~(uint32_t)rest;
}

static int has_crc32c = 0;

__attribute__((constructor)) static void find_crc32c(void)
{
    __builtin_cpu_init();
    has_crc32c = __builtin_cpu_supports("sse4.2");
}

uint32_t weir_crc32c(uint32_t checksum, const uint8_t *bytes, size_t count)
{
    return has_crc32c ? crc32c_sse42(checksum, bytes, count) : weir_crc32c_plain(checksum, bytes, count);
}
#elif defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>

uint32_t weir_crc32c(uint32_t checksum, const uint8_t *bytes, size_t count)
{
    uint32_t rest = ~checksum;
    for (; count >= 8; count -= 8, bytes += 8) {
        uint64_t word;
        __builtin_memcpy(&word, bytes, 8);
        rest = __crc32cd(rest, word);
    }
    for (; count > 0; count--)
        rest = __crc32cb(rest, *bytes++);
    return ~rest;
}
#else
uint32_t weir_crc32c(uint32_t checksum, const uint8_t *bytes, size_t count)
{
    return weir_crc32c_plain(checksum, bytes, count);
}
#endif
