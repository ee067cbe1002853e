#include "CPrices.h"

// C23; the compiler has it in every language mode, and says that it is new.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const uint8_t prices[] = {
#embed "prices.json"
};

const uint8_t *weir_prices_bytes(void) { return prices; }

size_t weir_prices_count(void) { return sizeof prices; }
