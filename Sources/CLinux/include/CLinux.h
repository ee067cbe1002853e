// Linux system calls that Swift's Glibc module leaves out, or shows only with _GNU_SOURCE.
#pragma once
#include <sys/epoll.h>
#include <sys/eventfd.h>

/// accept4 with SOCK_CLOEXEC and SOCK_NONBLOCK.
int weir_accept(int descriptor, void *address, unsigned int *length);
/// accept4 with SOCK_CLOEXEC: a connection that blocks.
int weir_accept_blocking(int descriptor);
/// The user at the other end of a Unix socket; -1 if the system does not say.
long long weir_peer_user(int descriptor);
/// epoll_pwait2 without signals: epoll_wait with nanoseconds; a negative time waits for ever.
int weir_epoll_wait(int descriptor, struct epoll_event *events, int count, long long nanoseconds);
/// Keeps the calling thread on one processor.
int weir_pin_thread(int core);
/// Names the calling thread; at most 15 bytes.
int weir_name_thread(const char *name);

static const unsigned int weir_epollin = EPOLLIN;
static const unsigned int weir_epollout = EPOLLOUT;
static const unsigned int weir_epollerr = EPOLLERR;
static const unsigned int weir_epollhup = EPOLLHUP;
