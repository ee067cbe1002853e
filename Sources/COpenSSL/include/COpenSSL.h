// OpenSSL as Swift sees it: much of its interface is macros, which need a function to be callable from Swift.
#pragma once
#include <openssl/ssl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>
