// io_uring as Swift sees it: liburing's functions are static inlines, so Swift reaches them through this header.
#pragma once
#include <liburing.h>
