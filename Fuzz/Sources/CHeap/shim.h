#ifndef COMPLINE_CHEAP_SHIM_H
#define COMPLINE_CHEAP_SHIM_H
#include <malloc.h>

/* Bytes that are in use, on the heap and mapped for themselves. */
static inline size_t compline_heap_in_use(void) {
  struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}
#endif
