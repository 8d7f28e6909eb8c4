#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "soft.h"

static struct token *tokens;
static int initialized;

static const char *store_root(void) {
  const char *root = getenv("BIDSEAL_SOFT_P11_STORE");
  return root == NULL || *root == '\0' ? "/nonexistent" : root;
}

int is_initialized(void) { return initialized; }

int token_path(const struct token *token, char out[PATH_MAX]) { return path_of(out, store_root(), token->name, NULL); }

int is_present(struct token *token) {
  char path[PATH_MAX];
  int present = token_path(token, path) && folder_exists(path) && !is_told_absent(token->name);
  if (token->present && !present) {
    end_sessions(token);
    token->login = NOBODY;
    forget_objects(token);
  }
  return token->present = present;
}

/* A slot for every token that was ever seen: it keeps its number, and is empty while the token is away. */
static void find_tokens(void) {
  char **names, path[PATH_MAX];
  int count = list_names(store_root(), &names);
  for (int i = 0; i < count; i += 1) {
    struct token **last = &tokens;
    CK_SLOT_ID slot = 1;
    while (*last != NULL && strcmp((*last)->name, names[i]) != 0) {
      slot = (*last)->slot + 1;
      last = &(*last)->next;
    }
    int is_token = strlen(names[i]) <= NAME_LIMIT && path_of(path, store_root(), names[i], NULL) && folder_exists(path);
    if (*last == NULL && is_token && (*last = calloc(1, sizeof **last)) != NULL) {
      (*last)->slot = slot;
      strcpy((*last)->name, names[i]);
    }
    free(names[i]);
  }
  free(names);
  for (struct token *token = tokens; token != NULL; token = token->next) is_present(token);
}

CK_RV find_token(CK_SLOT_ID slot, struct token **found) {
  for (*found = tokens; *found != NULL && (*found)->slot != slot;) *found = (*found)->next;
  if (*found == NULL) return CKR_SLOT_ID_INVALID;
  return is_present(*found) ? CKR_OK : CKR_TOKEN_NOT_PRESENT;
}

void pull_out(const struct token *token) {
  char from[PATH_MAX], to[PATH_MAX], hidden[NAME_LIMIT + 2];
  for (const struct token *one = tokens; one != NULL; one = one->next) {
    if (token != NULL && one != token) continue;
    snprintf(hidden, sizeof hidden, ".%s", one->name);
    if (token_path(one, from) && path_of(to, store_root(), hidden, NULL)) rename(from, to);
  }
}

CK_RV do_Initialize(void *args) {
  const CK_C_INITIALIZE_ARGS *given = args;
  if (initialized) return CKR_CRYPTOKI_ALREADY_INITIALIZED;
  if (given != NULL) {
    int mutexes = (given->CreateMutex != NULL) + (given->DestroyMutex != NULL) + (given->LockMutex != NULL) +
                  (given->UnlockMutex != NULL);
    if (mutexes != 0 && mutexes != 4) return CKR_ARGUMENTS_BAD;
    /* It has locks of its own only. */
    if (mutexes == 4 && (given->flags & CKF_OS_LOCKING_OK) == 0) return CKR_CANT_LOCK;
  }
  initialized = 1;
  find_tokens();
  for (struct token *token = tokens; token != NULL; token = token->next) token->reported = token->present;
  return CKR_OK;
}

CK_RV do_Finalize(void *reserved) {
  if (reserved != NULL) return CKR_ARGUMENTS_BAD;
  while (tokens != NULL) {
    struct token *token = tokens;
    close_sessions(token);
    forget_objects(token);
    tokens = token->next;
    free(token);
  }
  initialized = 0;
  return CKR_OK;
}

CK_RV do_GetInfo(CK_INFO *info) {
  if (info == NULL) return CKR_ARGUMENTS_BAD;
  memset(info, 0, sizeof *info);
  info->cryptokiVersion = (CK_VERSION){2, 40};
  pad_text(info->manufacturerID, sizeof info->manufacturerID, "BidSeal");
  pad_text(info->libraryDescription, sizeof info->libraryDescription, "soft PKCS #11 module");
  info->libraryVersion = (CK_VERSION){1, 0};
  return CKR_OK;
}

CK_RV do_GetSlotList(CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *count) {
  CK_ULONG found = 0, room = slots == NULL ? 0 : *count;
  if (count == NULL) return CKR_ARGUMENTS_BAD;
  if (slots == NULL) strike("list");
  if (slots == NULL && has_fault("list", "remove")) pull_out(NULL);
  find_tokens();
  for (const struct token *token = tokens; token != NULL; token = token->next) {
    if (present && !token->present) continue;
    if (slots != NULL && found < room) slots[found] = token->slot;
    found += 1;
  }
  *count = has_fault("list", "long") ? ABSURD : found;
  return slots != NULL && found > room ? CKR_BUFFER_TOO_SMALL : CKR_OK;
}

CK_RV do_GetSlotInfo(CK_SLOT_ID slot, CK_SLOT_INFO *info) {
  struct token *token;
  CK_RV code = find_token(slot, &token);
  if (code == CKR_SLOT_ID_INVALID) return code;
  if (info == NULL) return CKR_ARGUMENTS_BAD;
  memset(info, 0, sizeof *info);
  pad_text(info->slotDescription, sizeof info->slotDescription, token->name);
  pad_text(info->manufacturerID, sizeof info->manufacturerID, "BidSeal");
  info->flags = CKF_REMOVABLE_DEVICE | CKF_HW_SLOT | (token->present ? CKF_TOKEN_PRESENT : 0);
  return CKR_OK;
}

CK_RV do_WaitForSlotEvent(CK_FLAGS flags, CK_SLOT_ID *slot, void *reserved) {
  if (slot == NULL || reserved != NULL) return CKR_ARGUMENTS_BAD;
  if ((flags & CKF_DONT_BLOCK) == 0) return CKR_FUNCTION_NOT_SUPPORTED;
  find_tokens();
  for (struct token *token = tokens; token != NULL; token = token->next) {
    if (token->reported == token->present) continue;
    token->reported = token->present;
    *slot = token->slot;
    return CKR_OK;
  }
  return CKR_NO_EVENT;
}
