#include <pthread.h>
#include <string.h>

#include "soft.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static CK_RV unsupported(void) { return CKR_FUNCTION_NOT_SUPPORTED; }

static CK_RV enter(const char *name, const char *operation) {
  pthread_mutex_lock(&lock);
  write_log(name);
  strike(operation);
  if (is_initialized() || strcmp(name, "C_Initialize") == 0 || strcmp(name, "C_GetFunctionList") == 0) return CKR_OK;
  return CKR_CRYPTOKI_NOT_INITIALIZED;
}

static CK_RV leave(CK_RV code) {
  pthread_mutex_unlock(&lock);
  return code;
}

#define DECLARE(name, operation, parameters, arguments) CK_RV C_##name parameters;
#define DECLARE_SESSION(name, operation, parameters, arguments) CK_RV C_##name(CK_SESSION_HANDLE REST parameters);
#define NOTHING(name)
/* Callers know C_GetFunctionList; the rest they find in its list. */
__attribute__((visibility("default"))) CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list);
FUNCTIONS(DECLARE, DECLARE_SESSION, NOTHING)

#define PLAIN(name, operation, parameters, arguments) \
  CK_RV C_##name parameters { \
    CK_RV code = enter("C_" #name, operation); \
    return leave(code == CKR_OK ? do_##name arguments : code); \
  }
#define SESSION(name, operation, parameters, arguments) \
  CK_RV C_##name(CK_SESSION_HANDLE handle REST parameters) { \
    struct session *session = NULL; \
    CK_RV code = enter("C_" #name, operation); \
    if (code == CKR_OK) code = find_session(handle, operation, &session); \
    return leave(code == CKR_OK ? do_##name(session REST arguments) : code); \
  }
FUNCTIONS(PLAIN, SESSION, NOTHING)

#define ENTRY(name, operation, parameters, arguments) .C_##name = C_##name,
#define ABSENT_ENTRY(name) .C_##name = unsupported,

CK_RV do_GetFunctionList(CK_FUNCTION_LIST **list) {
  static CK_FUNCTION_LIST functions = {{2, 40}, FUNCTIONS(ENTRY, ENTRY, ABSENT_ENTRY)};
  if (list == NULL) return CKR_ARGUMENTS_BAD;
  *list = &functions;
  return CKR_OK;
}
