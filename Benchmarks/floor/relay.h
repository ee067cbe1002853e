/* The blind relay: what the two ways of waiting (relay_uring.c, relay_epoll.c) share. See relay.c. */
#ifndef RELAY_H
#define RELAY_H

#include <netinet/in.h>
#include <stdbool.h>

struct options {
    struct sockaddr_in listen;
    struct sockaddr_in upstream;
    bool epoll;
    unsigned buffer_bytes; /* size of one provided buffer (io_uring) or of the one read buffer (epoll) */
    unsigned buffers;      /* provided buffers, a power of two */
};

/* Each runs until the process is killed. */
_Noreturn void relay_with_uring(const struct options *options, int listener);
_Noreturn void relay_with_epoll(const struct options *options, int listener);

/* Ends the program with one line on stderr; `error` is an errno value, or 0. */
_Noreturn void die(const char *what, int error);

/* A new TCP socket towards the upstream, not connected yet, TCP_NODELAY. */
int upstream_socket(int flags);
void set_nodelay(int fd);
void *allocate(size_t count, size_t size);

#endif
