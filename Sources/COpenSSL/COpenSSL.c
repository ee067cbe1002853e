#define OPENSSL_SUPPRESS_DEPRECATED  // SHA256_Init and its kind
#include "COpenSSL.h"

#include <string.h>

// MARK: Transport

static int window_read(BIO *bio, char *bytes, int wanted) {
    weir_tls_window *window = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (bytes == NULL || wanted <= 0) return 0;
    if (window->input_count == 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    size_t count = window->input_count < (size_t)wanted ? window->input_count : (size_t)wanted;
    memcpy(bytes, window->input, count);
    window->input += count;
    window->input_count -= count;
    return (int)count;
}

static int window_write(BIO *bio, const char *bytes, int offered) {
    weir_tls_window *window = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (bytes == NULL || offered <= 0) return 0;
    size_t count = (size_t)offered;
    size_t room = window->output_room - window->output_count;
    if (room > 0) {
        if (count > room) count = room;
        memcpy(window->output + window->output_count, bytes, count);
        window->output_count += count;
        return (int)count;
    }
    if (window->output == NULL && count <= sizeof window->spill - window->spill_count) {
        memcpy(window->spill + window->spill_count, bytes, count);
        window->spill_count += count;
        return (int)count;
    }
    BIO_set_retry_write(bio);
    return -1;
}

static long window_control(BIO *bio, int command, long number, void *pointer) {
    (void)bio, (void)number, (void)pointer;
    return command == BIO_CTRL_FLUSH || command == BIO_CTRL_DUP;
}

static BIO_METHOD *window_method;

__attribute__((constructor)) static void make_window_method(void) {
    window_method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "caller's memory");
    if (window_method == NULL) return;
    BIO_meth_set_read(window_method, window_read);
    BIO_meth_set_write(window_method, window_write);
    BIO_meth_set_ctrl(window_method, window_control);
}

SSL *weir_tls_new(SSL_CTX *context, weir_tls_window *window) {
    SSL *session = SSL_new(context);
    BIO *bio = window_method == NULL ? NULL : BIO_new(window_method);
    if (session == NULL || bio == NULL) {
        SSL_free(session);
        BIO_free(bio);
        return NULL;
    }
    BIO_set_data(bio, window);
    BIO_set_init(bio, 1);
    SSL_set_bio(session, bio, bio);
    return session;
}

static void forget_errors(void) {
    if (ERR_peek_error() != 0) ERR_clear_error();
}

static weir_tls_result result(SSL *session, int returned) {
    switch (SSL_get_error(session, returned)) {
    case SSL_ERROR_NONE: return weir_tls_done;
    case SSL_ERROR_WANT_READ: return weir_tls_wants_input;
    case SSL_ERROR_WANT_WRITE: return weir_tls_wants_room;
    case SSL_ERROR_ZERO_RETURN: return weir_tls_ended;
    default: return weir_tls_failed;
    }
}

weir_tls_result weir_tls_handshake(SSL *session) {
    forget_errors();
    int returned = SSL_do_handshake(session);
    return returned == 1 ? weir_tls_done : result(session, returned);
}

weir_tls_result weir_tls_read(SSL *session, void *plaintext, size_t room, size_t *count) {
    forget_errors();
    *count = 0;
    int returned = SSL_read_ex(session, plaintext, room, count);
    return returned == 1 ? weir_tls_done : result(session, returned);
}

weir_tls_result weir_tls_write(SSL *session, const void *plaintext, size_t count) {
    forget_errors();
    size_t written = 0;
    int returned = SSL_write_ex(session, plaintext, count, &written);
    return returned == 1 ? weir_tls_done : result(session, returned);
}

weir_tls_result weir_tls_close(SSL *session) {
    forget_errors();
    int returned = SSL_shutdown(session);
    return returned >= 0 ? weir_tls_done : result(session, returned);
}

unsigned long weir_tls_take_error(void) {
    unsigned long code = ERR_get_error();
    ERR_clear_error();
    return code;
}

// MARK: Macros as functions

void weir_ctx_set_versions(SSL_CTX *context, int lowest, int highest) {
    SSL_CTX_set_min_proto_version(context, lowest);
    SSL_CTX_set_max_proto_version(context, highest);
}

void weir_ctx_set_mode(SSL_CTX *context, long mode) { SSL_CTX_set_mode(context, mode); }

void weir_ctx_set_session_cache_mode(SSL_CTX *context, long mode) { SSL_CTX_set_session_cache_mode(context, mode); }

int weir_ctx_set_groups(SSL_CTX *context, const char *list) { return (int)SSL_CTX_set1_groups_list(context, list); }

static int select_http11(SSL *session, const unsigned char **chosen, unsigned char *chosen_count, const unsigned char *offered,
                         unsigned int offered_count, void *unused) {
    (void)session, (void)unused;
    static const unsigned char http11[] = "\x08http/1.1";
    unsigned char *selected;
    if (SSL_select_next_proto(&selected, chosen_count, http11, sizeof http11 - 1, offered, offered_count)
        != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = selected;
    return SSL_TLSEXT_ERR_OK;
}

void weir_ctx_select_http11(SSL_CTX *context) { SSL_CTX_set_alpn_select_cb(context, select_http11, NULL); }

int weir_ssl_set_server_name(SSL *session, const char *name) { return (int)SSL_set_tlsext_host_name(session, name); }

SSL *weir_store_session(X509_STORE_CTX *store) {
    return X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
}

// MARK: Certificates as text

static size_t take_text(BIO *memory, char *text, size_t room) {
    int count = BIO_read(memory, text, room > INT32_MAX ? INT32_MAX : (int)room);
    BIO_free(memory);
    if (count < 0) return 0;
    for (int i = 0; i < count; i++)
        if (text[i] < ' ' || text[i] > '~') text[i] = '?';
    return (size_t)count;
}

static size_t name_text(const X509_NAME *name, char *text, size_t room) {
    BIO *memory = BIO_new(BIO_s_mem());
    if (memory == NULL) return 0;
    X509_NAME_print_ex(memory, name, 0, XN_FLAG_RFC2253);
    return take_text(memory, text, room);
}

size_t weir_x509_subject(const X509 *certificate, char *text, size_t room) {
    return name_text(X509_get_subject_name(certificate), text, room);
}

size_t weir_x509_issuer(const X509 *certificate, char *text, size_t room) {
    return name_text(X509_get_issuer_name(certificate), text, room);
}

size_t weir_x509_names(const X509 *certificate, char *text, size_t room) {
    int at = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1);
    if (at < 0) return weir_x509_subject(certificate, text, room);
    BIO *memory = BIO_new(BIO_s_mem());
    if (memory == NULL) return 0;
    X509V3_EXT_print(memory, X509_get_ext(certificate, at), 0, 0);
    return take_text(memory, text, room);
}

size_t weir_asn1_time(const ASN1_TIME *time, char *text, size_t room) {
    BIO *memory = BIO_new(BIO_s_mem());
    if (memory == NULL) return 0;
    ASN1_TIME_print_ex(memory, time, ASN1_DTFLGS_ISO8601);
    size_t count = take_text(memory, text, room);
    if (count > 10 && text[10] == ' ') text[10] = 'T';
    return count;
}

// MARK: Digest

void weir_sha256(const void *bytes, size_t count, unsigned char digest[32]) {
    SHA256_CTX state;
    SHA256_Init(&state);
    SHA256_Update(&state, bytes, count);
    SHA256_Final(digest, &state);
}
