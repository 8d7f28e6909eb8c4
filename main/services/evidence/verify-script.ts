/**
 * `verify.sh`: verifies an unpacked package with OpenSSL and the usual tools. It goes into every package, and stands in
 * `build/docs/evidence.md` word for word, from where a careful reader takes it: a package does not vouch for itself.
 */
export const verifyScript = String.raw`#!/bin/sh
# Verifies an unpacked evidence package of BidSeal 标封 with OpenSSL 3 and the usual tools alone.
# Inside the unpacked folder: sh verify.sh [root.pem]
# root.pem: the certificate you trust for whoever signed the tender package; without it that is not judged.
set -eu
LC_ALL=C
export LC_ALL
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

ok() { printf 'ok     %s\n' "$1"; }
bad() { printf 'WRONG  %s\n' "$1"; exit 1; }
holds() { grep -qF -- "$2" "$1" || bad "$1: does not hold $2"; }
value() { sed -n "s/.*\"$2\":\"\([^\"]*\)\".*/\1/p" "$1"; }
sha() { sha256sum "$1" | cut -c 1-64; }
cut_out() { dd if="$1" bs=1 skip="$2" count="$3" 2> "$work/log"; }

# A DER file as lines: offset, depth, length of the header, length of the content, what it is.
der() {
  openssl asn1parse -inform DER -in "$1" > "$work/asn1" 2> "$work/log" || bad "$1: is no DER"
  sed 's/^ *\([0-9]*\):d=\([0-9]*\) *hl=\([0-9]*\) *l= *\([0-9]*\) *[a-z]*: *\(.*\)$/\1 \2 \3 \4 \5/' "$work/asn1"
}

# The octets of a signature: the last element of the message, in either suite.
octets() {
  der "$1" | tail -n 1 > "$work/last"
  read -r at depth head length what < "$work/last"
  cut_out "$1" $((at + head)) "$length"
}

# signed DOCUMENT SIGNATURE: the signature holds; its signer goes to signer.pem, every certificate in it to all.pem.
signed() {
  der "$2" > "$work/der"
  rm -f "$work/signer.pem" "$work/all.pem"
  if sed -n 2p "$work/der" | grep -qF ':1.2.156.10197.6.1.4.2.2'; then
    signed_gm "$1" "$2"
  else
    form=intl
    openssl cms -verify -binary -noverify -inform DER -in "$2" -content "$1" \
      -signer "$work/signer.pem" -certsout "$work/all.pem" -out /dev/null 2> "$work/log" || bad "$1: its signature"
    # CAdES-BES: the signed attributes name the signer's certificate. Whom it leads to is judged below.
    openssl cms -verify -binary -cades -purpose any -partial_chain -no_check_time -CAfile "$work/signer.pem" -inform DER \
      -in "$2" -content "$1" -out /dev/null 2> "$work/log" || bad "$1: its signature as CAdES"
  fi
}

# GB/T 35275, which OpenSSL does not read: certificates stand at depth 4 below the [0] at depth 3, the serial number of the
# signer's is the last INTEGER at depth 6, the signature (SM2 over SM3 of Z and the document) is the last element.
signed_gm() {
  form=gm
  serial=$(awk '$2 == 6 && $5 == "INTEGER" { last = $6 } END { sub(/^:/, "", last); print last }' "$work/der")
  awk '$2 == 3 { on = $5 == "cont" } on && $2 == 4 { print $1, $3 + $4 }' "$work/der" > "$work/certificates"
  : > "$work/all.pem"
  while read -r at length; do
    cut_out "$2" "$at" "$length" > "$work/one.der"
    openssl x509 -inform DER -in "$work/one.der" -out "$work/one.pem" 2> "$work/log" || bad "$2: a certificate in it"
    cat "$work/one.pem" >> "$work/all.pem"
    test "$(openssl x509 -in "$work/one.pem" -noout -serial)" != "serial=$serial" || cp "$work/one.pem" "$work/signer.pem"
  done < "$work/certificates"
  test -f "$work/signer.pem" || bad "$2: does not hold its signer's certificate"
  openssl x509 -in "$work/signer.pem" -noout -pubkey > "$work/key.pem"
  octets "$2" > "$work/octets"
  openssl pkeyutl -verify -rawin -digest sm3 -pkeyopt distid:1234567812345678 -pubin -inkey "$work/key.pem" \
    -in "$1" -sigfile "$work/octets" > "$work/log" 2>&1 || bad "$1: its signature"
}

# chained ROOTS TIME WHAT: the signer's certificate leads to one of the roots, every date judged at the time.
chained() {
  time=$(date -u -d "$2" +%s)
  if test "$form" = gm; then
    chained_gm "$1" || bad "$3: its signer's certificate at $2"
  else
    openssl verify -purpose any -no-CApath -no-CAstore -CAfile "$1" -untrusted "$work/all.pem" -attime "$time" \
      "$work/signer.pem" > "$work/log" 2>&1 || bad "$3: its signer's certificate at $2"
  fi
}

# OpenSSL applies the SM2 id to one certificate at a time: the chain is climbed issuer by issuer.
chained_gm() {
  cp "$work/signer.pem" "$work/child.pem"
  rm -rf "$work/roots" "$work/between"
  apart "$1" "$work/roots"
  apart "$work/all.pem" "$work/between"
  for step in 1 2 3 4 5 6; do
    for root in "$work"/roots/*; do if issued "$root"; then return 0; fi; done
    above=
    for other in "$work"/between/*; do
      if ! cmp -s "$other" "$work/child.pem" && issued "$other"; then above=$other; fi
    done
    test -n "$above" || return 1
    cp "$above" "$work/child.pem"
  done
  return 1
}
issued() {
  openssl verify -purpose any -vfyopt distid:1234567812345678 -no-CApath -no-CAstore -partial_chain -CAfile "$1" \
    -attime "$time" "$work/child.pem" > "$work/log" 2>&1
}
apart() { mkdir "$2" && awk -v out="$2/" '/BEGIN/ { n++ } n { print > (out n) }' "$1"; }

# bidder DOCUMENT SIGNATURE TIME: signed by the bidder, as an authority the tender accepts certifies.
bidder() {
  signed "$1" "$2"
  chained "$work/accepted.pem" "$3" "$1"
  openssl x509 -in "$work/signer.pem" -outform DER | grep -qaF -- "$credit" || bad "$1: its signer is not $credit"
  ok "$1: signed by the bidder $credit, certificate judged at $3"
}

# platform DOCUMENT SIGNATURE PURPOSE: signed with a certificate the tender package lists for that, or a notice adds.
platform() {
  signed "$1" "$2"
  listed=$(openssl x509 -in "$work/signer.pem" -outform DER | openssl base64 -A)
  listed="{\"purpose\":\"$3\",\"certificate\":\"$listed\"}"
  if test "$3" = opening && grep -qF -- "$listed" "$work/notices"; then
    ok "$1: signed with a certificate a notice adds for $3"
  else
    holds tender/tender.json "$listed"
    ok "$1: signed with a certificate the tender lists for $3"
  fi
}

# stamped STAMP SIGNATURE
stamped() {
  test -f "$1" || return 0
  octets "$2" > "$work/octets"
  stamp=$(openssl ts -reply -in "$1" -text 2> "$work/log" | sed -n 's/^Time stamp: //p')
  if openssl ts -verify -in "$1" -data "$work/octets" -CAfile "$work/roots.pem" > "$work/log" 2>&1; then
    ok "$1: $stamp"
  elif openssl ts -verify -in "$1" -data "$work/octets" -partial_chain -CAfile certificates/time-stamp.pem > "$work/log" 2>&1; then
    ok "$1: $stamp, of an authority that is NOT judged"
  elif test "$suite" = gm-1; then
    ok "$1: $stamp, its signature is NOT judged: OpenSSL may not know its algorithms"
  else
    bad "$1: its time stamp"
  fi
}

# 1. Every file is the one the package was made of.
find . -type f ! -path ./SHA256SUMS | sed 's|^\./||' | sort | xargs sha256sum > "$work/sums"
cmp -s "$work/sums" SHA256SUMS || bad "SHA256SUMS: differs from the files: $(diff "$work/sums" SHA256SUMS | sed -n 's/^[<>] [0-9a-f]* *//p' | sort -u | tr '\n' ' ')"
while read -r digest name; do
  case $name in manifest.json | manifest.p7s) ;; *) holds manifest.json "{\"name\":\"$name\",\"value\":\"$digest\"}" ;; esac
done < SHA256SUMS
ok "SHA256SUMS and manifest.json: every file"

# 2. The tender package and the sealed bid's header belong together.
suite=$(value bid/seal.json suite)
credit=$(value bid/seal.json creditCode)
digest=$(if test "$suite" = gm-1; then openssl dgst -sm3 -r bid/seal.json; else openssl dgst -sha256 -r bid/seal.json; fi | cut -c 1-64)
holds bid/seal.json "\"packageDigest\":\"$(sha tender/tender.json)\""
sed -n 's/.*"acceptedCas":\[\([^]]*\)\].*/\1/p' tender/tender.json | tr -d '"' | tr ',' '\n' > "$work/accepted"
: > "$work/accepted.pem"
while read -r certificate || test -n "$certificate"; do
  { echo '-----BEGIN CERTIFICATE-----'; echo "$certificate" | fold -w 64; echo '-----END CERTIFICATE-----'; } >> "$work/accepted.pem"
done < "$work/accepted"
cat "$work/accepted.pem" "$@" > "$work/roots.pem"
signed tender/tender.json tender/tender.p7s
if test $# -gt 0; then
  chained "$1" "$(value tender/tender.json publishedAt)" tender/tender.json
  ok "tender/tender.json: signed, certificate trusted by $1"
else
  ok "tender/tender.json: signed; its signer is NOT judged (name root.pem): $(openssl x509 -in "$work/signer.pem" -noout -fingerprint -sha256)"
fi

# 3. The sealed bid's header: what stands in the archive, its envelopes, the bidder's signature.
mkdir "$work/header"
tar -xf bid/bid.header -C "$work/header"
cmp -s bid/seal.json "$work/header/META-INF/seal.json" || bad "bid/seal.json: differs from bid/bid.header"
cmp -s bid/seal.p7s "$work/header/META-INF/seal.p7s" || bad "bid/seal.p7s: differs from bid/bid.header"
for envelope in "$work"/header/keys/*; do
  if test "$suite" = gm-1; then openssl dgst -sm3 -r "$envelope"; else openssl dgst -sha256 -r "$envelope"; fi > "$work/sum"
  holds bid/seal.json "$(cut -c 1-64 "$work/sum")"
done
received=$(date -u +%Y-%m-%dT%H:%M:%SZ)
test ! -f platform/receipt.json || received=$(value platform/receipt.json receivedAt)
bidder bid/seal.json bid/seal.p7s "$received"
stamped bid/seal.tsr bid/seal.p7s
ok "the sealed bid $digest ($suite)"

# 4. What the platform signed, and what the bidder signed to it. Notices first: they may add certificates for the opening.
: > "$work/notices"
for document in platform/notice-*.json; do
  test -f "$document" || continue
  platform "$document" "platform/$(basename "$document" .json).p7s" notice
  holds "$document" "\"packageDigest\":\"$(sha tender/tender.json)\""
  ! grep -qF '"nonce":' "$document" || bad "$document: is an answer about the time, and no notice"
  cat "$document" >> "$work/notices"
  ok "$document: deadline '$(value "$document" deadline)', opening '$(value "$document" openingTime)' (empty: unchanged)"
done
for name in receipt withdrawal; do
  test -f "platform/$name.json" || continue
  platform "platform/$name.json" "platform/$name.p7s" receipt
  holds "platform/$name.json" "\"sealDigest\":\"$digest\""
  ok "platform/$name.json: $(value "platform/$name.json" kind) at $(value "platform/$name.json" receivedAt)"
done
if test -f platform/replaced-by.json; then
  platform platform/replaced-by.json platform/replaced-by.p7s receipt
  holds platform/replaced-by.json "\"replaces\":\"$digest\""
fi
for name in submit withdraw sign-in; do
  test -f "bidder/$name.json" || continue
  bidder "bidder/$name.json" "bidder/$name.p7s" "$(value "bidder/$name.json" at)"
  holds "bidder/$name.json" "\"sealDigest\":\"$digest\""
  stamped "bidder/$name.tsr" "bidder/$name.p7s"
done
if test -f platform/challenge.json; then
  platform platform/challenge.json platform/challenge.p7s opening
  holds platform/challenge.json "\"sealDigest\":\"$digest\""
  holds platform/challenge.json "\"receiptDigest\":\"$(sha platform/receipt.json)\""
fi
if test -f bidder/release.json; then
  bidder bidder/release.json bidder/release.p7s "$(value bidder/release.json releasedAt)"
  holds bidder/release.json "\"sealDigest\":\"$digest\""
  holds bidder/release.json "\"challengeDigest\":\"$(sha platform/challenge.json)\""
  for envelope in bidder/release.*.p7m; do holds bidder/release.json "\"envelopeDigest\":\"$(sha "$envelope")\""; done
  stamped bidder/release.tsr bidder/release.p7s
fi
if test -f platform/release-receipt.json; then
  platform platform/release-receipt.json platform/release-receipt.p7s opening
  holds platform/release-receipt.json "\"releaseDigest\":\"$(sha bidder/release.json)\""
  ok "platform/release-receipt.json: answered at $(value platform/release-receipt.json serverTime)"
fi
if test -f platform/record.json; then
  platform platform/record.json platform/record.p7s opening
  holds platform/record.json "\"sealDigest\":\"$digest\""
fi
for document in bidder/confirm.json bidder/objection-*.json; do
  test -f "$document" || continue
  bidder "$document" "bidder/$(basename "$document" .json).p7s" "$(value "$document" at)"
  holds "$document" "\"recordDigest\":\"$(sha platform/record.json)\""
done

# 5. The journal: every kept line has the digest listed for it and names the one listed before it.
n=0
previous=0000000000000000000000000000000000000000000000000000000000000000
exec 3< journal/lines.jsonl
while read -r number line_digest state; do
  test "$number" = "$n" || bad "journal/chain.txt: line $n is missing"
  if test "$state" = kept; then
    IFS= read -r line <&3 || bad "journal/lines.jsonl: entry $n is missing"
    test "$(printf '%s' "$line" | sha256sum | cut -c 1-64)" = "$line_digest" || bad "journal/lines.jsonl: entry $n"
    case $line in "{\"type\":\"bidseal/1 journal\",\"n\":$n,\"prev\":\"$previous\","*) ;; *) bad "journal/lines.jsonl: entry $n names another line before it" ;; esac
  fi
  previous=$line_digest
  n=$((n + 1))
done < journal/chain.txt
if IFS= read -r line <&3; then bad "journal/lines.jsonl: holds more than the chain says"; fi
ok "journal: $n lines, $(grep -c ' kept$' journal/chain.txt) of them about this bid"
for document in journal/heads/*.json; do
  test -f "$document" || continue
  bidder "$document" "journal/heads/$(basename "$document" .json).p7s" "$(value "$document" at)"
  sequence=$(sed -n 's/.*"sequence":\([0-9]*\).*/\1/p' "$document")
  grep -q "^$((sequence - 1)) $(value "$document" previous) " journal/chain.txt || bad "$document: is over another journal"
  ok "$document: signs the journal up to entry $((sequence - 1)) ($(value "$document" event))"
done

# 6. Who vouches for the package as a whole.
if test -f manifest.p7s; then
  bidder manifest.json manifest.p7s "$(value manifest.json at)"
else
  ok "manifest.json: NOT signed; what is signed by itself is said above, nothing vouches for the rest"
fi
ok "revocation of the certificates is NOT checked: see revocation/"
echo "The evidence package holds."
`
