#define _GNU_SOURCE
#include "CLinux.h"

#include <pthread.h>
#include <sched.h>

int weir_accept(int descriptor, struct sockaddr_storage *address, socklen_t *length) {
    return accept4(descriptor, (struct sockaddr *)address, length, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

int weir_epoll_wait(int descriptor, struct epoll_event *events, int count, const struct timespec *timeout) {
    return epoll_pwait2(descriptor, events, count, timeout, NULL);
}

int weir_pin_thread(int core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    return sched_setaffinity(0, sizeof set, &set);
}

int weir_name_thread(const char *name) { return pthread_setname_np(pthread_self(), name); }
