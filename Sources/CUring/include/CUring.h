// io_uring as Swift sees it: liburing's functions are static inlines, and some of its names are macros that Swift cannot read.
#pragma once
#include <liburing.h>

/// IOSQE_BUFFER_SELECT: the kernel takes a buffer from the entry's group.
static const unsigned char weir_iosqe_buffer_select = IOSQE_BUFFER_SELECT;
