/* The blind relay over epoll: level-triggered, one read buffer for all connections. What a socket does not take at once is
 * kept for it, and its peer is not read until it is gone. */
#define _GNU_SOURCE
#include "relay.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 1024 };

struct pair;
struct side {
    struct pair *pair;
    struct side *peer;
    int fd;
    uint32_t interest; /* what epoll has been asked for */
    uint8_t *rest;     /* received from the peer, not yet taken by this socket */
    size_t rest_bytes, rest_sent;
    bool ended; /* end of file was read */
    bool shut;  /* end of file was sent */
    bool forgotten; /* both, and taken out of epoll */
};

struct pair {
    struct side client, upstream;
    struct pair *next_dead;
    bool connecting, over;
};

static int poller;
static uint8_t *read_buffer;
static size_t read_bytes;
static struct pair *dead; /* freed after the turn: later events of it may name them */

static void want(struct side *side, uint32_t interest)
{
    if (interest == side->interest)
        return;
    struct epoll_event event = {.events = interest, .data.ptr = side};
    if (epoll_ctl(poller, EPOLL_CTL_MOD, side->fd, &event) < 0)
        die("epoll_ctl", errno);
    side->interest = interest;
}

static void watch(struct side *side, uint32_t interest)
{
    struct epoll_event event = {.events = interest, .data.ptr = side};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, side->fd, &event) < 0)
        die("epoll_ctl", errno);
    side->interest = interest;
}

/* A socket that is done in both directions reports EPOLLHUP for ever, while its peer may still have bytes to be sent. */
static void forget(struct side *side)
{
    if (side->forgotten)
        return;
    epoll_ctl(poller, EPOLL_CTL_DEL, side->fd, NULL);
    side->forgotten = true;
}

static void end_pair(struct pair *pair)
{
    if (pair->over)
        return;
    pair->over = true;
    close(pair->client.fd);
    close(pair->upstream.fd);
    pair->next_dead = dead;
    dead = pair;
}

static void free_dead(void)
{
    while (dead != NULL) {
        struct pair *pair = dead;
        dead = pair->next_dead;
        free(pair->client.rest);
        free(pair->upstream.rest);
        free(pair);
    }
}

/* Passes an end of file on once all before it is sent, ends the pair after the second, and asks epoll for what is of use now. */
static void settle(struct pair *pair)
{
    struct side *sides[] = {&pair->client, &pair->upstream};
    for (int i = 0; i < 2; i++) {
        struct side *side = sides[i];
        if (side->peer->ended && side->rest == NULL && !side->shut) {
            shutdown(side->fd, SHUT_WR);
            side->shut = true;
        }
    }
    if (pair->client.shut && pair->upstream.shut) {
        end_pair(pair);
        return;
    }
    for (int i = 0; i < 2; i++) {
        struct side *side = sides[i];
        if (side->ended && side->shut) {
            forget(side);
            continue;
        }
        bool reads = !side->ended && side->peer->rest == NULL;
        want(side, (reads ? (uint32_t)EPOLLIN : 0) | (side->rest != NULL ? (uint32_t)EPOLLOUT : 0));
    }
}

/* Sends `bytes` and returns how many the socket took; 0 when it is full, -1 after a failure. */
static ssize_t send_some(struct side *side, const uint8_t *bytes, size_t count)
{
    ssize_t taken = send(side->fd, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (taken >= 0)
        return taken;
    return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

static void readable(struct side *side)
{
    struct side *peer = side->peer;
    ssize_t count = recv(side->fd, read_buffer, read_bytes, MSG_DONTWAIT);
    if (count < 0) {
        if (errno != EAGAIN && errno != EINTR)
            end_pair(side->pair);
        return;
    }
    if (count == 0) {
        side->ended = true;
        settle(side->pair);
        return;
    }
    ssize_t taken = send_some(peer, read_buffer, (size_t)count);
    if (taken == count)
        return;
    if (taken < 0) {
        end_pair(side->pair);
        return;
    }
    peer->rest_bytes = (size_t)(count - taken);
    peer->rest_sent = 0;
    peer->rest = allocate(1, peer->rest_bytes);
    memcpy(peer->rest, read_buffer + taken, peer->rest_bytes);
    settle(side->pair);
}

static void writable(struct side *side)
{
    ssize_t taken = send_some(side, side->rest + side->rest_sent, side->rest_bytes - side->rest_sent);
    if (taken < 0) {
        end_pair(side->pair);
        return;
    }
    side->rest_sent += (size_t)taken;
    if (side->rest_sent < side->rest_bytes)
        return;
    free(side->rest);
    side->rest = NULL;
    settle(side->pair);
}

static void connected(struct pair *pair)
{
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(pair->upstream.fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) {
        end_pair(pair);
        return;
    }
    pair->connecting = false;
    settle(pair);
}

static void accept_all(int listener, const struct options *options)
{
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
                return;
            die("accept (raise `ulimit -n`?)", errno);
        }
        set_nodelay(fd);
        struct pair *pair = allocate(1, sizeof *pair);
        pair->connecting = true;
        pair->client = (struct side){.pair = pair, .peer = &pair->upstream, .fd = fd};
        pair->upstream = (struct side){.pair = pair, .peer = &pair->client, .fd = upstream_socket(SOCK_NONBLOCK)};
        watch(&pair->client, 0);
        int result = connect(pair->upstream.fd, (const struct sockaddr *)&options->upstream, sizeof options->upstream);
        watch(&pair->upstream, EPOLLOUT);
        if (result < 0 && errno != EINPROGRESS)
            end_pair(pair);
    }
}

static void handle(struct side *side, uint32_t events)
{
    struct pair *pair = side->pair;
    if (pair->over)
        return;
    if (pair->connecting) {
        if (side == &pair->upstream)
            connected(pair);
        else
            end_pair(pair); /* the client has gone before the upstream was there */
        return;
    }
    if ((events & EPOLLOUT) != 0 && side->rest != NULL)
        writable(side);
    if ((events & EPOLLIN) != 0 && !pair->over && !side->ended && side->peer->rest == NULL)
        readable(side);
    if ((events & (EPOLLERR | EPOLLHUP)) != 0 && (events & (EPOLLIN | EPOLLOUT)) == 0)
        end_pair(pair); /* reset, and nothing left to read */
}

void relay_with_epoll(const struct options *options, int listener)
{
    static struct epoll_event events[EVENTS];
    read_bytes = options->buffer_bytes;
    read_buffer = allocate(1, read_bytes);
    poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (poller < 0 || epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event) < 0)
        die("epoll", errno);
    for (;;) {
        int count = epoll_wait(poller, events, EVENTS, -1);
        if (count < 0 && errno != EINTR)
            die("epoll_wait", errno);
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr == NULL)
                accept_all(listener, options);
            else
                handle(events[i].data.ptr, events[i].events);
        }
        free_dead();
    }
}
