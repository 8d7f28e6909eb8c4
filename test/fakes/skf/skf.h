/* GM/T 0016-2012: types, structures and codes. SOFT_SKF_PACKED chooses the layout, which the standard leaves open. */
#ifndef SOFT_SKF_H
#define SOFT_SKF_H

#include <stdint.h>

typedef uint8_t BYTE;
typedef char CHAR;
typedef uint32_t ULONG;
typedef int32_t BOOL;
typedef CHAR *LPSTR;
typedef void *HANDLE;

#define SKF(name) __attribute__((visibility("default"))) ULONG name

#ifdef SOFT_SKF_PACKED
#pragma pack(push, 1)
#endif

typedef struct {
  BYTE major, minor;
} VERSION;

typedef struct {
  VERSION Version;
  CHAR Manufacturer[64], Issuer[64], Label[32], SerialNumber[32];
  VERSION HWVersion, FirmwareVersion;
  ULONG AlgSymCap, AlgAsymCap, AlgHashCap, DevAuthAlgId;
  ULONG TotalSpace, FreeSpace, MaxECCBufferSize, MaxBufferSize;
  BYTE Reserved[64];
} DEVINFO;

typedef struct {
  ULONG AlgID, BitLen;
  BYTE Modulus[256], PublicExponent[4];
} RSAPUBLICKEYBLOB;

typedef struct {
  ULONG BitLen;
  BYTE XCoordinate[64], YCoordinate[64];
} ECCPUBLICKEYBLOB;

typedef struct {
  BYTE XCoordinate[64], YCoordinate[64], HASH[32];
  ULONG CipherLen;
  BYTE Cipher[1];
} ECCCIPHERBLOB;

typedef struct {
  BYTE r[64], s[64];
} ECCSIGNATUREBLOB;

typedef struct {
  BYTE IV[32];
  ULONG IVLen, PaddingType, FeedBitLen;
} BLOCKCIPHERPARAM;

typedef struct {
  ULONG Version, ulSymmAlgID, ulBits;
  BYTE cbEncryptedPriKey[64];
  ECCPUBLICKEYBLOB PubKey;
  ECCCIPHERBLOB ECCCipherBlob;
} ENVELOPEDKEYBLOB;

#ifdef SOFT_SKF_PACKED
#pragma pack(pop)
#endif

/* Where the ciphertext of an ECCCIPHERBLOB begins in either layout. */
#define CIPHER_OFFSET 164

#define ADMIN_TYPE 0
#define USER_TYPE 1

#define SGD_SM4_ECB 0x401
#define SGD_SM4_CBC 0x402
#define SGD_SM2_1 0x20200
#define SGD_RSA 0x10000

#define SAR_OK 0
#define SAR_FAIL 0x0A000001
#define SAR_NOTSUPPORTYETERR 0x0A000003
#define SAR_FILEERR 0x0A000004
#define SAR_INVALIDHANDLEERR 0x0A000005
#define SAR_INVALIDPARAMERR 0x0A000006
#define SAR_NAMELENERR 0x0A000009
#define SAR_INDATALENERR 0x0A000010
#define SAR_INDATAERR 0x0A000011
#define SAR_RSADECERR 0x0A000019
#define SAR_KEYNOTFOUNTERR 0x0A00001B
#define SAR_CERTNOTFOUNTERR 0x0A00001C
#define SAR_DECRYPTPADERR 0x0A00001E
#define SAR_BUFFER_TOO_SMALL 0x0A000020
#define SAR_NOT_EVENTERR 0x0A000022
#define SAR_DEVICE_REMOVED 0x0A000023
#define SAR_PIN_INCORRECT 0x0A000024
#define SAR_PIN_LOCKED 0x0A000025
#define SAR_PIN_LEN_RANGE 0x0A000027
#define SAR_USER_ALREADY_LOGGED_IN 0x0A000028
#define SAR_USER_TYPE_INVALID 0x0A00002A
#define SAR_APPLICATION_EXISTS 0x0A00002C
#define SAR_USER_NOT_LOGGED_IN 0x0A00002D
#define SAR_APPLICATION_NOT_EXISTS 0x0A00002E
/* Above 0x32 every vendor family has its own. */
#define SAR_CERTNOUSAGEERR 0x0A000034
#define SAR_KEYNOUSAGEERR 0x0A000039
#define SAR_VENDOR_REMOVED 0x0B000023
#define SAR_CONTAINER_NOT_EXISTS 0x0A000036
#define SAR_DEVICE_NOT_AUTHENTICATED 0x0A00003B

#endif
