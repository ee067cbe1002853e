#define _GNU_SOURCE
#include "CLinux.h"

#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>
#include <time.h>

int weir_accept(int descriptor, void *address, unsigned int *length) {
    return accept4(descriptor, address, length, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

int weir_accept_blocking(int descriptor) { return accept4(descriptor, NULL, NULL, SOCK_CLOEXEC); }

long long weir_peer_user(int descriptor) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    return getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? (long long)peer.uid : -1;
}

int weir_epoll_wait(int descriptor, struct epoll_event *events, int count, long long nanoseconds) {
    if (nanoseconds < 0) return epoll_pwait2(descriptor, events, count, NULL, NULL);
    struct timespec timeout = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    return epoll_pwait2(descriptor, events, count, &timeout, NULL);
}

int weir_pin_thread(int core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    return sched_setaffinity(0, sizeof set, &set);
}

int weir_name_thread(const char *name) { return pthread_setname_np(pthread_self(), name); }
