// OpenSSL as Swift sees it: much of its interface is macros, which need a function to be callable from Swift.
#pragma once
#include <openssl/ssl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include <stddef.h>
#include <stdint.h>

// MARK: Transport

/// What a session's BIO reads from and writes to: memory of the caller, set before each call. `spill` takes the few bytes (an alert, a key
/// update) that OpenSSL wants to send when the caller gave no room.
typedef struct {
    const unsigned char *input;
    size_t input_count;
    unsigned char *output;
    size_t output_room;
    size_t output_count;
    size_t spill_count;
    unsigned char spill[96];
} weir_tls_window;

/// A session over `window`, which must outlive it. NULL if there is no memory.
SSL *weir_tls_new(SSL_CTX *context, weir_tls_window *window);

typedef enum {
    weir_tls_done,
    weir_tls_wants_input,
    weir_tls_wants_room,
    weir_tls_ended,
    weir_tls_failed,
} weir_tls_result;

// Each clears what others left in the thread's error queue before it begins.
weir_tls_result weir_tls_handshake(SSL *session);
weir_tls_result weir_tls_read(SSL *session, void *plaintext, size_t room, size_t *count);
weir_tls_result weir_tls_write(SSL *session, const void *plaintext, size_t count);
weir_tls_result weir_tls_close(SSL *session);

/// The oldest error of this thread; the queue is empty afterwards.
unsigned long weir_tls_take_error(void);

// MARK: Macros as functions

void weir_ctx_set_versions(SSL_CTX *context, int lowest, int highest);
void weir_ctx_set_mode(SSL_CTX *context, long mode);
void weir_ctx_set_session_cache_mode(SSL_CTX *context, long mode);
int weir_ctx_set_groups(SSL_CTX *context, const char *list);
/// Picks http/1.1 out of what a client offers (RFC 7301); a client that offers other protocols only gets the alert.
void weir_ctx_select_http11(SSL_CTX *context);
int weir_ssl_set_server_name(SSL *session, const char *name);
/// The session that a certificate is being verified for.
SSL *weir_store_session(X509_STORE_CTX *store);

// MARK: Certificates as text. Each writes at most `room` bytes, printable ASCII only, and gives their number.

size_t weir_x509_subject(const X509 *certificate, char *text, size_t room);
size_t weir_x509_issuer(const X509 *certificate, char *text, size_t room);
/// The alternative names, "DNS:a, IP Address:b"; without any, the common name.
size_t weir_x509_names(const X509 *certificate, char *text, size_t room);
/// RFC 3339, UTC.
size_t weir_asn1_time(const ASN1_TIME *time, char *text, size_t room);

// MARK: Digest and memory

/// SHA-256 with the low-level calls: fetching the algorithm costs more than digesting a key.
void weir_sha256(const void *bytes, size_t count, unsigned char digest[32]);

/// How often OpenSSL asked the C library for memory on this thread.
uint64_t weir_openssl_allocations(void);
