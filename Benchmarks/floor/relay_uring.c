/* The blind relay over io_uring: multishot accept, multishot receive into a ring of provided buffers, each buffer sent on
 * from where the kernel put it and given back when it is sent; one system call a turn.
 *
 * What was received from one side waits on the other side as a list of buffers; one send at a time runs per socket, so that
 * bytes keep their order. A pair of connections is freed when both directions have ended (or one failed) and no operation
 * that names it is still in the kernel.
 */
#define _GNU_SOURCE
#include "relay.h"

#include <errno.h>
#include <liburing.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SUBMISSIONS = 4096, COMPLETIONS = 16384, GROUP = 0 };
/* A side that cannot send stops its peer's receive at the first bound and lets it go on at the second. */
enum { PAUSE_AT = 32, RESUME_AT = 8 };
enum { NONE = UINT16_MAX };

/* What a completion is about: the lowest bits of user_data, above them the side. */
enum operation { ACCEPT, CONNECT, RECEIVE, SEND, CANCEL, OPERATION_BITS = 7 };

struct pair;
struct side {
    struct pair *pair;
    struct side *peer;
    struct side *next_starved;
    int fd;
    uint16_t first, last; /* received from the peer, to be sent here: buffer ids, linked through `next` */
    unsigned waiting;     /* how many */
    unsigned sent;        /* bytes of the first that have been sent */
    bool receiving, cancelling, starved, sending;
    bool ended; /* end of file was received */
    bool shut;  /* end of file was sent */
};

struct pair {
    struct side client, upstream;
    unsigned in_kernel; /* operations that have not completed for good */
    bool failed, closing;
};

static struct io_uring ring;
static struct io_uring_buf_ring *buffer_ring;
static uint8_t *buffer_memory;
static unsigned buffer_bytes, buffer_mask;
static unsigned given_back; /* buffers of this turn that the kernel does not know of yet */
static uint32_t *length;    /* of each buffer: bytes received */
static uint16_t *next;      /* of each buffer: the one to be sent after it */
static struct side *starved; /* sides whose receive ended because no buffer was left */

static uint8_t *buffer(unsigned id) { return buffer_memory + (size_t)id * buffer_bytes; }

static void give_back(unsigned id)
{
    io_uring_buf_ring_add(buffer_ring, buffer(id), buffer_bytes, (unsigned short)id, (int)buffer_mask, (int)given_back++);
}

static struct io_uring_sqe *submission(struct side *side)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
    while (sqe == NULL) { /* the queue is full: hand it over and go on */
        int result = io_uring_submit(&ring);
        if (result < 0 && result != -EINTR && result != -EAGAIN && result != -EBUSY)
            die("io_uring_submit", -result);
        sqe = io_uring_get_sqe(&ring);
    }
    if (side != NULL)
        side->pair->in_kernel++;
    return sqe;
}

static void tag(struct io_uring_sqe *sqe, enum operation operation, struct side *side)
{
    io_uring_sqe_set_data64(sqe, (uint64_t)(uintptr_t)side | operation);
}

static void start_accept(int listener)
{
    struct io_uring_sqe *sqe = submission(NULL);
    io_uring_prep_multishot_accept(sqe, listener, NULL, NULL, SOCK_CLOEXEC);
    tag(sqe, ACCEPT, NULL);
}

static void start_receive(struct side *side)
{
    struct io_uring_sqe *sqe = submission(side);
    io_uring_prep_recv_multishot(sqe, side->fd, NULL, 0, 0);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = GROUP;
    tag(sqe, RECEIVE, side);
    side->receiving = true;
}

static void stop_receive(struct side *side)
{
    struct io_uring_sqe *sqe = submission(side);
    io_uring_prep_cancel64(sqe, (uint64_t)(uintptr_t)side | RECEIVE, 0);
    tag(sqe, CANCEL, side);
    side->cancelling = true;
}

static void start_send(struct side *side)
{
    struct io_uring_sqe *sqe = submission(side);
    unsigned id = side->first;
    io_uring_prep_send(sqe, side->fd, buffer(id) + side->sent, length[id] - side->sent, MSG_NOSIGNAL);
    tag(sqe, SEND, side);
    side->sending = true;
}

static void append(struct side *side, unsigned id, unsigned bytes)
{
    length[id] = bytes;
    next[id] = NONE;
    if (side->first == NONE)
        side->first = (uint16_t)id;
    else
        next[side->last] = (uint16_t)id;
    side->last = (uint16_t)id;
    side->waiting++;
}

static void remove_first(struct side *side)
{
    unsigned id = side->first;
    side->first = next[id];
    side->sent = 0;
    side->waiting--;
    give_back(id);
}

static void free_side(struct side *side)
{
    while (side->first != NONE)
        remove_first(side);
    for (struct side **link = &starved; *link != NULL;)
        if (*link == side)
            *link = side->next_starved;
        else
            link = &(*link)->next_starved;
    close(side->fd);
}

/* Ends what has to end, after anything happened to the pair: an end of file goes on once all before it is sent; after the second one,
 * or a failure, the sockets are shut down, which completes every operation on them, and the last completion frees the pair. */
static void settle(struct pair *pair)
{
    struct side *sides[] = {&pair->client, &pair->upstream};
    for (int i = 0; i < 2 && !pair->failed; i++) {
        struct side *side = sides[i];
        if (side->peer->ended && side->first == NONE && !side->shut) {
            shutdown(side->fd, SHUT_WR);
            side->shut = true;
        }
    }
    bool over = pair->failed || (pair->client.shut && pair->upstream.shut);
    if (!over)
        return;
    if (!pair->closing) {
        pair->closing = true;
        shutdown(pair->client.fd, SHUT_RDWR);
        shutdown(pair->upstream.fd, SHUT_RDWR);
    }
    if (pair->in_kernel > 0)
        return;
    free_side(&pair->client);
    free_side(&pair->upstream);
    free(pair);
}

/* Goes on receiving from `side` when it may: not ended, not waiting for buffers, and its peer keeps up. */
static void resume(struct side *side)
{
    if (side->receiving || side->ended || side->starved || side->pair->failed || side->peer->waiting > RESUME_AT)
        return;
    start_receive(side);
}

static void accepted(int listener, int result, unsigned flags, const struct options *options)
{
    if (!(flags & IORING_CQE_F_MORE))
        start_accept(listener);
    if (result == -ECONNABORTED || result == -EINTR || result == -EAGAIN)
        return;
    if (result < 0)
        die("accept (raise `ulimit -n`?)", -result);
    set_nodelay(result);
    struct pair *pair = allocate(1, sizeof *pair);
    pair->client = (struct side){.pair = pair, .peer = &pair->upstream, .fd = result, .first = NONE};
    pair->upstream = (struct side){.pair = pair, .peer = &pair->client, .fd = upstream_socket(0), .first = NONE};
    struct io_uring_sqe *sqe = submission(&pair->upstream);
    io_uring_prep_connect(sqe, pair->upstream.fd, (const struct sockaddr *)&options->upstream, sizeof options->upstream);
    tag(sqe, CONNECT, &pair->upstream);
}

static void connected(struct side *side, int result)
{
    if (result < 0) {
        side->pair->failed = true;
        return;
    }
    start_receive(side);
    start_receive(side->peer);
}

static void received(struct side *side, int result, unsigned flags)
{
    struct side *peer = side->peer;
    if (!(flags & IORING_CQE_F_MORE))
        side->receiving = false;
    if (result > 0) {
        append(peer, flags >> IORING_CQE_BUFFER_SHIFT, (unsigned)result);
        if (side->pair->failed)
            return;
        if (!peer->sending)
            start_send(peer);
        if (peer->waiting >= PAUSE_AT && side->receiving && !side->cancelling)
            stop_receive(side);
        resume(side);
        return;
    }
    if (flags & IORING_CQE_F_BUFFER)
        give_back(flags >> IORING_CQE_BUFFER_SHIFT);
    if (result == 0) {
        side->ended = true;
    } else if (result == -ENOBUFS) {
        side->starved = true;
        side->next_starved = starved;
        starved = side;
    } else if (result == -ECANCELED) {
        resume(side); /* the peer may have caught up meanwhile */
    } else {
        side->pair->failed = true;
    }
}

static void sent(struct side *side, int result)
{
    side->sending = false;
    if (result < 0) {
        side->pair->failed = true;
        return;
    }
    side->sent += (unsigned)result;
    if (side->sent == length[side->first])
        remove_first(side);
    if (side->first != NONE && !side->pair->failed)
        start_send(side);
    resume(side->peer);
}

static void complete(const struct io_uring_cqe *cqe, int listener, const struct options *options)
{
    enum operation operation = cqe->user_data & OPERATION_BITS;
    struct side *side = (struct side *)(uintptr_t)(cqe->user_data & ~(uint64_t)OPERATION_BITS);
    if (operation == ACCEPT) {
        accepted(listener, cqe->res, cqe->flags, options);
        return;
    }
    if (!(cqe->flags & IORING_CQE_F_MORE))
        side->pair->in_kernel--;
    switch (operation) {
    case CONNECT: connected(side, cqe->res); break;
    case RECEIVE: received(side, cqe->res, cqe->flags); break;
    case SEND: sent(side, cqe->res); break;
    default: side->cancelling = false; break;
    }
    settle(side->pair);
}

/* Tells the kernel of the buffers that came back in this turn, and lets those go on that had found none. */
static void return_buffers(void)
{
    if (given_back == 0)
        return;
    io_uring_buf_ring_advance(buffer_ring, (int)given_back);
    given_back = 0;
    struct side *side = starved;
    starved = NULL;
    while (side != NULL) {
        struct side *following = side->next_starved;
        side->starved = false;
        resume(side);
        side = following;
    }
}

static void *map(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        die("mmap", errno);
    return memory;
}

static void set_up(const struct options *options)
{
    struct io_uring_params parameters = {
        .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE,
        .cq_entries = COMPLETIONS,
    };
    int result = io_uring_queue_init_params(SUBMISSIONS, &ring, &parameters);
    if (result < 0)
        die("io_uring is not to be had here (container profile?); use --epoll", -result);

    buffer_bytes = options->buffer_bytes;
    buffer_mask = options->buffers - 1;
    length = allocate(options->buffers, sizeof *length);
    next = allocate(options->buffers, sizeof *next);
    buffer_memory = map((size_t)options->buffers * buffer_bytes);
    buffer_ring = map(options->buffers * sizeof(struct io_uring_buf));
    struct io_uring_buf_reg registration = {
        .ring_addr = (uintptr_t)buffer_ring, .ring_entries = options->buffers, .bgid = GROUP};
    result = io_uring_register_buf_ring(&ring, &registration, 0);
    if (result < 0)
        die("io_uring_register_buf_ring (needs Linux 5.19)", -result);
    io_uring_buf_ring_init(buffer_ring);
    for (unsigned id = 0; id < options->buffers; id++)
        give_back(id);
    return_buffers();
}

void relay_with_uring(const struct options *options, int listener)
{
    set_up(options);
    start_accept(listener);
    for (;;) {
        int result = io_uring_submit_and_wait(&ring, 1);
        if (result < 0 && result != -EINTR && result != -EAGAIN && result != -EBUSY)
            die("io_uring_submit_and_wait", -result);
        unsigned head, count = 0;
        struct io_uring_cqe *cqe;
        io_uring_for_each_cqe(&ring, head, cqe) {
            complete(cqe, listener, options);
            count++;
        }
        io_uring_cq_advance(&ring, count);
        return_buffers();
    }
}
