// With SSL_MODE_RELEASE_BUFFERS an idle session holds no record buffers, but each record allocates and frees one of 17 KB, and OpenSSL 3.0's
// packet writer allocates up to three times 40 bytes a record. This keeps a few freed blocks of both sizes a thread, so that all sessions of
// a loop share them and a record costs no call of malloc. OpenSSL takes such functions only before its first allocation: hence the early
// constructor. Where they are refused, OpenSSL uses malloc as ever.
#include "COpenSSL.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>

#ifndef __has_feature
#define __has_feature(name) 0
#endif

enum {
    // OpenSSL's record buffers: 16,384 bytes of plaintext and 64 to 336 of header, padding, tag and alignment.
    smallest_record = 16385, record_bytes = 17408, kept_records = 4,
    // A WPACKET_SUB; malloc gives 25 to 40 bytes from the same class.
    smallest_piece = 25, piece_bytes = 40, kept_pieces = 8,
};

static _Thread_local struct {
    uint64_t allocations;
    int record_count, piece_count;
    void *records[kept_records], *pieces[kept_pieces];
} kept;

static pthread_key_t at_thread_end;

static void free_kept(void *unused) {
    (void)unused;
    while (kept.record_count > 0) free(kept.records[--kept.record_count]);
    while (kept.piece_count > 0) free(kept.pieces[--kept.piece_count]);
}

static void free_at_thread_end(void) {
    if (pthread_getspecific(at_thread_end) == NULL) pthread_setspecific(at_thread_end, &kept);
}

static void *allocate(size_t bytes, const char *file, int line) {
    (void)file, (void)line;
    if (bytes == 0) return NULL;
    if (bytes >= smallest_record && bytes <= record_bytes) {
        if (kept.record_count > 0) return kept.records[--kept.record_count];
        bytes = record_bytes;
    } else if (bytes >= smallest_piece && bytes <= piece_bytes && kept.piece_count > 0) {
        return kept.pieces[--kept.piece_count];
    }
    kept.allocations += 1;
    return malloc(bytes);
}

static void deallocate(void *memory, const char *file, int line) {
    (void)file, (void)line;
    if (memory == NULL) return;
    size_t bytes = malloc_usable_size(memory);
    if (bytes == piece_bytes && kept.piece_count < kept_pieces) {
        if (kept.piece_count == 0) free_at_thread_end();
        kept.pieces[kept.piece_count++] = memory;
    } else if (bytes >= record_bytes && bytes < record_bytes + 64 && kept.record_count < kept_records) {
        if (kept.record_count == 0) free_at_thread_end();
        kept.records[kept.record_count++] = memory;
    } else {
        free(memory);
    }
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

__attribute__((constructor(200))) static void keep_blocks(void) {
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)  // they must see each free
    if (pthread_key_create(&at_thread_end, free_kept) == 0) CRYPTO_set_mem_functions(allocate, reallocate, deallocate);
#else
    (void)allocate, (void)reallocate, (void)deallocate, (void)free_kept;
#endif
}
