#ifndef COMPLINE_CLIBXML2_SHIM_H
#define COMPLINE_CLIBXML2_SHIM_H
#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#endif
