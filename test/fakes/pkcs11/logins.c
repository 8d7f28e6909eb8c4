#include <string.h>

#include "soft.h"

/* What the user has typed at the token: the PIN, something else, or the key that says no. */
static CK_RV ask_pad(const struct token_file *file, CK_USER_TYPE user, const CK_UTF8CHAR **pin, CK_ULONG *length) {
  if (strcmp(pad_input(), "cancel") == 0) return CKR_FUNCTION_CANCELED;
  const char *typed = strcmp(pad_input(), "wrong") == 0 ? "\n" : file->pins[user].text;
  *pin = (const CK_UTF8CHAR *)typed;
  *length = strlen(typed);
  return CKR_OK;
}

static CK_RV check_state(struct session *session, CK_USER_TYPE user) {
  if (user == CKU_CONTEXT_SPECIFIC) {
    int active = session->operation.kind == SIGN || session->operation.kind == DECRYPT;
    return active ? CKR_OK : CKR_OPERATION_NOT_INITIALIZED;
  }
  if (user > CKU_CONTEXT_SPECIFIC) return CKR_USER_TYPE_INVALID;
  enum login wanted = user == CKU_SO ? SECURITY_OFFICER : USER;
  if (session->token->login == wanted) return CKR_USER_ALREADY_LOGGED_IN;
  if (session->token->login != NOBODY) return CKR_USER_ANOTHER_ALREADY_LOGGED_IN;
  if (user != CKU_SO) return CKR_OK;
  for (struct session *one = NULL; (one = next_session(session->token, one)) != NULL;)
    if (!one->read_write) return CKR_SESSION_READ_ONLY_EXISTS;
  return CKR_OK;
}

CK_RV do_Login(struct session *session, CK_USER_TYPE user, CK_UTF8CHAR *pin, CK_ULONG length) {
  struct token *token = session->token;
  struct token_file file;
  const CK_UTF8CHAR *given = pin;
  CK_RV code = check_state(session, user);
  if (code != CKR_OK) return code;
  if (!read_token(token, &file)) return CKR_TOKEN_NOT_RECOGNIZED;
  CK_USER_TYPE whose = user == CKU_SO ? CKU_SO : CKU_USER;
  if (*file.pins[whose].text == '\0') return CKR_USER_PIN_NOT_INITIALIZED;
  if (quirk("protected-path") && length == 0) code = ask_pad(&file, whose, &given, &length);
  if (code != CKR_OK) return code;
  if (given == NULL) return CKR_ARGUMENTS_BAD;
  code = try_pin(token, &file, whose, given, length);
  if (code != CKR_OK) return code;
  if (user == CKU_CONTEXT_SPECIFIC)
    session->operation.authenticated = 1;
  else
    token->login = user == CKU_SO ? SECURITY_OFFICER : USER;
  return CKR_OK;
}

CK_RV do_Logout(struct session *session) {
  struct token *token = session->token;
  if (token->login == NOBODY) return CKR_USER_NOT_LOGGED_IN;
  token->login = NOBODY;
  forget_private_objects(token);
  for (struct session *one = NULL; (one = next_session(token, one)) != NULL;) end_operation(one);
  return CKR_OK;
}
