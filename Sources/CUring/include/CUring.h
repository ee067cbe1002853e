// io_uring as Swift sees it: liburing's functions are static inlines, and some of its names are macros that Swift cannot read.
#pragma once
// First, so that liburing's own _XOPEN_SOURCE comes too late to change libc's types from what Swift's other C modules (Dispatch) see.
#include <sys/select.h>
#include <liburing.h>

/// IOSQE_BUFFER_SELECT: the kernel takes a buffer from the entry's group.
static const unsigned char weir_iosqe_buffer_select = IOSQE_BUFFER_SELECT;
