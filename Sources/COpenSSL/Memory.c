// With SSL_MODE_RELEASE_BUFFERS an idle session holds no record buffers, but each record allocates and frees one of 17 KB. This keeps a few
// freed ones a thread, so that all sessions of a loop share them and a record costs no call of malloc. OpenSSL takes such functions only
// before its first allocation: hence the early constructor. Where they are refused, OpenSSL uses malloc as ever.
#include "COpenSSL.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>

#ifndef __has_feature
#define __has_feature(name) 0
#endif

// OpenSSL's record buffers: 16,384 bytes of plaintext and 64 to 336 of header, padding, tag and alignment.
enum { smallest_bytes = 16385, block_bytes = 17408, kept_blocks = 4 };

static _Thread_local struct {
    uint64_t allocations;
    int count;
    void *blocks[kept_blocks];
} kept;

static pthread_key_t at_thread_end;

static void free_kept(void *unused) {
    (void)unused;
    while (kept.count > 0) free(kept.blocks[--kept.count]);
}

static void *allocate(size_t bytes, const char *file, int line) {
    (void)file, (void)line;
    if (bytes == 0) return NULL;
    if (bytes >= smallest_bytes && bytes <= block_bytes) {
        if (kept.count > 0) return kept.blocks[--kept.count];
        bytes = block_bytes;
    }
    kept.allocations += 1;
    return malloc(bytes);
}

static void deallocate(void *memory, const char *file, int line) {
    (void)file, (void)line;
    if (memory == NULL) return;
    if (kept.count < kept_blocks) {
        size_t bytes = malloc_usable_size(memory);
        if (bytes >= block_bytes && bytes < block_bytes + 64) {
            if (pthread_getspecific(at_thread_end) == NULL) pthread_setspecific(at_thread_end, &kept);
            kept.blocks[kept.count++] = memory;
            return;
        }
    }
    free(memory);
}

static void *reallocate(void *memory, size_t bytes, const char *file, int line) {
    if (memory == NULL) return allocate(bytes, file, line);
    if (bytes == 0) {
        deallocate(memory, file, line);
        return NULL;
    }
    kept.allocations += 1;
    return realloc(memory, bytes);
}

uint64_t weir_openssl_allocations(void) { return kept.allocations; }

__attribute__((constructor(200))) static void keep_record_buffers(void) {
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)  // they must see each free
    if (pthread_key_create(&at_thread_end, free_kept) == 0) CRYPTO_set_mem_functions(allocate, reallocate, deallocate);
#else
    (void)allocate, (void)reallocate, (void)deallocate, (void)free_kept;
#endif
}
