/*
 * Every function of PKCS #11 v2.40 in the order of CK_FUNCTION_LIST, for whom the macros are given:
 *   PLAIN(name, operation, parameters, arguments)     what comes before C_Initialize, or belongs to a slot
 *   SESSION(name, operation, parameters, arguments)   what has a session as its first parameter; the others are named
 *   ABSENT(name)                                      what this module does not do
 * The operation is the name that a fault knows the function by ("" where only "any" does).
 */
#ifndef SOFT_P11_FUNCTIONS_H
#define SOFT_P11_FUNCTIONS_H

#include "pkcs11.h"

#define BYTES_IN CK_BYTE *in, CK_ULONG in_length
#define BYTES_OUT CK_BYTE *out, CK_ULONG *out_length
#define TEMPLATE CK_ATTRIBUTE *list, CK_ULONG count
#define PIN CK_UTF8CHAR *pin, CK_ULONG length

#define FUNCTIONS(PLAIN, SESSION, ABSENT) \
  PLAIN(Initialize, "initialize", (void *args), (args)) \
  PLAIN(Finalize, "", (void *reserved), (reserved)) \
  PLAIN(GetInfo, "", (CK_INFO * info), (info)) \
  PLAIN(GetFunctionList, "", (CK_FUNCTION_LIST * *list), (list)) \
  PLAIN(GetSlotList, "", (CK_BBOOL present, CK_SLOT_ID * slots, CK_ULONG * count), (present, slots, count)) \
  PLAIN(GetSlotInfo, "", (CK_SLOT_ID slot, CK_SLOT_INFO * info), (slot, info)) \
  PLAIN(GetTokenInfo, "", (CK_SLOT_ID slot, CK_TOKEN_INFO * info), (slot, info)) \
  PLAIN(GetMechanismList, "", (CK_SLOT_ID slot, CK_MECHANISM_TYPE * list, CK_ULONG * count), (slot, list, count)) \
  PLAIN(GetMechanismInfo, "", (CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO * info), (slot, type, info)) \
  PLAIN(InitToken, "pin", (CK_SLOT_ID slot, PIN, CK_UTF8CHAR * label), (slot, pin, length, label)) \
  SESSION(InitPIN, "pin", (, PIN), (, pin, length)) \
  SESSION(SetPIN, "pin", (, PIN, CK_UTF8CHAR * next, CK_ULONG next_length), (, pin, length, next, next_length)) \
  PLAIN(OpenSession, "session", (CK_SLOT_ID slot, CK_FLAGS flags, void *application, void *notify, \
                                 CK_SESSION_HANDLE *handle), (slot, flags, application, notify, handle)) \
  SESSION(CloseSession, "", (), ()) \
  PLAIN(CloseAllSessions, "", (CK_SLOT_ID slot), (slot)) \
  SESSION(GetSessionInfo, "", (, CK_SESSION_INFO *info), (, info)) \
  ABSENT(GetOperationState) \
  ABSENT(SetOperationState) \
  SESSION(Login, "login", (, CK_USER_TYPE user, PIN), (, user, pin, length)) \
  SESSION(Logout, "", (), ()) \
  SESSION(CreateObject, "create", (, TEMPLATE, CK_OBJECT_HANDLE *object), (, list, count, object)) \
  ABSENT(CopyObject) \
  SESSION(DestroyObject, "create", (, CK_OBJECT_HANDLE object), (, object)) \
  ABSENT(GetObjectSize) \
  SESSION(GetAttributeValue, "", (, CK_OBJECT_HANDLE object, TEMPLATE), (, object, list, count)) \
  ABSENT(SetAttributeValue) \
  SESSION(FindObjectsInit, "find", (, TEMPLATE), (, list, count)) \
  SESSION(FindObjects, "", (, CK_OBJECT_HANDLE *out, CK_ULONG most, CK_ULONG *count), (, out, most, count)) \
  SESSION(FindObjectsFinal, "", (), ()) \
  ABSENT(EncryptInit) \
  ABSENT(Encrypt) \
  ABSENT(EncryptUpdate) \
  ABSENT(EncryptFinal) \
  SESSION(DecryptInit, "", (, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key), (, mechanism, key)) \
  SESSION(Decrypt, "decrypt", (, BYTES_IN, BYTES_OUT), (, in, in_length, out, out_length)) \
  ABSENT(DecryptUpdate) \
  ABSENT(DecryptFinal) \
  ABSENT(DigestInit) \
  ABSENT(Digest) \
  ABSENT(DigestUpdate) \
  ABSENT(DigestKey) \
  ABSENT(DigestFinal) \
  SESSION(SignInit, "", (, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key), (, mechanism, key)) \
  SESSION(Sign, "sign", (, BYTES_IN, BYTES_OUT), (, in, in_length, out, out_length)) \
  ABSENT(SignUpdate) \
  ABSENT(SignFinal) \
  ABSENT(SignRecoverInit) \
  ABSENT(SignRecover) \
  ABSENT(VerifyInit) \
  ABSENT(Verify) \
  ABSENT(VerifyUpdate) \
  ABSENT(VerifyFinal) \
  ABSENT(VerifyRecoverInit) \
  ABSENT(VerifyRecover) \
  ABSENT(DigestEncryptUpdate) \
  ABSENT(DecryptDigestUpdate) \
  ABSENT(SignEncryptUpdate) \
  ABSENT(DecryptVerifyUpdate) \
  ABSENT(GenerateKey) \
  SESSION(GenerateKeyPair, "generate", \
          (, CK_MECHANISM *mechanism, TEMPLATE, CK_ATTRIBUTE *own_list, CK_ULONG own_count, \
           CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *private_key), \
          (, mechanism, list, count, own_list, own_count, public_key, private_key)) \
  ABSENT(WrapKey) \
  ABSENT(UnwrapKey) \
  SESSION(DeriveKey, "derive", (, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE base, TEMPLATE, CK_OBJECT_HANDLE *key), \
          (, mechanism, base, list, count, key)) \
  ABSENT(SeedRandom) \
  SESSION(GenerateRandom, "random", (, CK_BYTE *out, CK_ULONG length), (, out, length)) \
  ABSENT(GetFunctionStatus) \
  ABSENT(CancelFunction) \
  PLAIN(WaitForSlotEvent, "", (CK_FLAGS flags, CK_SLOT_ID * slot, void *reserved), (flags, slot, reserved))

typedef struct CK_FUNCTION_LIST CK_FUNCTION_LIST;
struct session;

#define REST(...) __VA_ARGS__
#define MEMBER(name, operation, parameters, arguments) CK_RV(*C_##name) parameters;
#define SESSION_MEMBER(name, operation, parameters, arguments) CK_RV (*C_##name)(CK_SESSION_HANDLE REST parameters);
#define ABSENT_MEMBER(name) CK_RV (*C_##name)(void);
struct CK_FUNCTION_LIST {
  CK_VERSION version;
  FUNCTIONS(MEMBER, SESSION_MEMBER, ABSENT_MEMBER)
};

/* What does the work, once faults have had their turn and the session is known. */
#define WORKER(name, operation, parameters, arguments) CK_RV do_##name parameters;
#define SESSION_WORKER(name, operation, parameters, arguments) CK_RV do_##name(struct session *session REST parameters);
#define NO_WORKER(name)
FUNCTIONS(WORKER, SESSION_WORKER, NO_WORKER)

#endif
