#ifndef COMPLINE_CLIBXML2_SHIM_H
#define COMPLINE_CLIBXML2_SHIM_H
#include <libxml/parser.h>
#include <libxml/xmlerror.h>

/* The generic error channel is variadic, which Swift cannot define. Its texts may quote the document, so they go nowhere. */
static void compline_xml_discard(void *context, const char *message, ...) {
  (void)context;
  (void)message;
}

/* For the calling thread. */
static inline void compline_xml_silence(void) { xmlSetGenericErrorFunc(NULL, compline_xml_discard); }
#endif
