#ifndef COMPLINE_CZLIB_SHIM_H
#define COMPLINE_CZLIB_SHIM_H
#include <zlib.h>

/* A macro, which Swift does not import. */
static inline int compline_inflate_begin(z_streamp stream, int window_bits) { return inflateInit2(stream, window_bits); }
#endif
