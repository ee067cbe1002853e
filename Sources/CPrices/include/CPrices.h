#pragma once

#include <stddef.h>
#include <stdint.h>

// The bundled price table, prices.json beside the source: JSON, in the program's read-only data.
const uint8_t *_Nonnull weir_prices_bytes(void);
size_t weir_prices_count(void);
