#include <stdlib.h>

#include "soft.h"

static struct session *sessions;
static CK_SESSION_HANDLE last_handle;

CK_RV find_session(CK_SESSION_HANDLE handle, const char *operation, struct session **found) {
  struct session *session = sessions;
  while (session != NULL && session->handle != handle) session = session->next;
  if (session == NULL) return CKR_SESSION_HANDLE_INVALID;
  if (has_fault(operation, "remove")) pull_out(session->token);
  if (!is_present(session->token)) return CKR_DEVICE_REMOVED;
  if (session->dead) return CKR_SESSION_HANDLE_INVALID;
  *found = session;
  return CKR_OK;
}

struct session *next_session(const struct token *token, const struct session *after) {
  struct session *session = after == NULL ? sessions : after->next;
  while (session != NULL && (session->token != token || session->dead)) session = session->next;
  return session;
}

void end_operation(struct session *session) {
  free(session->operation.found);
  session->operation.found = NULL;
  session->operation.kind = NOTHING_ACTIVE;
}

/* The token's sessions, or the one. */
static void drop_sessions(const struct token *token, const struct session *one) {
  for (struct session **at = &sessions; *at != NULL;) {
    struct session *session = *at;
    if (session->token != token || (one != NULL && one != session)) {
      at = &session->next;
      continue;
    }
    *at = session->next;
    forget_objects_of(session->token, session);
    end_operation(session);
    free(session);
  }
}

void close_sessions(const struct token *token) { drop_sessions(token, NULL); }

void end_sessions(const struct token *token) {
  for (struct session *session = sessions; session != NULL; session = session->next) {
    if (session->token != token) continue;
    end_operation(session);
    session->dead = 1;
  }
}

/* Whoever is logged in is so until the last session has gone. */
static void log_out_without_sessions(struct token *token) {
  if (next_session(token, NULL) != NULL) return;
  token->login = NOBODY;
  forget_private_objects(token);
}

CK_RV do_OpenSession(CK_SLOT_ID slot, CK_FLAGS flags, void *application, void *notify, CK_SESSION_HANDLE *handle) {
  struct token *token;
  struct token_file file;
  (void)application;
  (void)notify;
  CK_RV code = find_token(slot, &token);
  if (code == CKR_OK && has_fault("session", "remove")) {
    pull_out(token);
    return is_present(token) ? CKR_GENERAL_ERROR : CKR_DEVICE_REMOVED;
  }
  if (code != CKR_OK) return code;
  if (handle == NULL) return CKR_ARGUMENTS_BAD;
  if ((flags & CKF_SERIAL_SESSION) == 0) return CKR_SESSION_PARALLEL_NOT_SUPPORTED;
  if (!read_token(token, &file) || *file.pins[CKU_SO].text == '\0') return CKR_TOKEN_NOT_RECOGNIZED;
  if ((flags & CKF_RW_SESSION) == 0 && token->login == SECURITY_OFFICER) return CKR_SESSION_READ_WRITE_SO_EXISTS;
  struct session *session = calloc(1, sizeof *session);
  if (session == NULL) return CKR_HOST_MEMORY;
  session->handle = *handle = ++last_handle;
  session->token = token;
  session->read_write = (flags & CKF_RW_SESSION) != 0;
  session->next = sessions;
  sessions = session;
  return CKR_OK;
}

CK_RV do_CloseSession(struct session *session) {
  struct token *token = session->token;
  drop_sessions(token, session);
  log_out_without_sessions(token);
  return CKR_OK;
}

CK_RV do_CloseAllSessions(CK_SLOT_ID slot) {
  struct token *token;
  CK_RV code = find_token(slot, &token);
  if (code == CKR_SLOT_ID_INVALID) return code;
  close_sessions(token);
  log_out_without_sessions(token);
  return code;
}

CK_RV do_GetSessionInfo(struct session *session, CK_SESSION_INFO *info) {
  static const CK_ULONG states[2][3] = {{CKS_RO_PUBLIC_SESSION, CKS_RO_USER_FUNCTIONS, 0},
                                        {CKS_RW_PUBLIC_SESSION, CKS_RW_USER_FUNCTIONS, CKS_RW_SO_FUNCTIONS}};
  if (info == NULL) return CKR_ARGUMENTS_BAD;
  info->slotID = session->token->slot;
  info->state = states[session->read_write][session->token->login];
  info->flags = CKF_SERIAL_SESSION | (session->read_write ? CKF_RW_SESSION : 0);
  info->ulDeviceError = 0;
  return CKR_OK;
}
