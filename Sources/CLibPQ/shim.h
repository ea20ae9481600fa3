#ifndef COMPLINE_CLIBPQ_SHIM_H
#define COMPLINE_CLIBPQ_SHIM_H
#include <libpq-fe.h>

/* Notices of the server may quote values, so they go nowhere; libpq would print them on standard error. */
static void compline_pq_discard(void *context, const PGresult *result) {
  (void)context;
  (void)result;
}

static inline void compline_pq_silence(PGconn *connection) { PQsetNoticeReceiver(connection, compline_pq_discard, NULL); }

/* Fields of an error, whose names are character macros. */
static inline const char *compline_pq_state(const PGresult *result) { return PQresultErrorField(result, PG_DIAG_SQLSTATE); }
static inline const char *compline_pq_constraint(const PGresult *result) { return PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME); }
static inline const char *compline_pq_table(const PGresult *result) { return PQresultErrorField(result, PG_DIAG_TABLE_NAME); }
#endif
