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

#endif
