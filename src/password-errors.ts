/** The part of `error-catalogue.ts` that is of passwords, their keys, and what saves both. */

export const passwordErrors = {
  TRUEUP_PASSWORD_NOT_HELD: {
    exit: 1,
    cause: 'No rotation of this account has succeeded yet, or no PasswordRotationPolicy is of it.',
    remedy: 'See `trueup password history DEVICE` for what is kept, and `trueup explain DEVICE` for what is declared.',
  },
  TRUEUP_KEY_MISSING: {
    exit: 1,
    cause: 'The key that sealed this is not here: another folder, another TRUEUP_KEY, or a key file that was lost.',
    remedy:
      'Put the key back, or name it with TRUEUP_KEY_FILE or TRUEUP_KEY; without it `trueup password open` still opens what a recovery key was given.',
  },
  TRUEUP_KEY_INVALID: {
    exit: 1,
    cause: 'A key is 32 bytes, as they are or in Base64 or hexadecimal, in a file that its owner alone may read.',
    remedy: 'Make one with `openssl rand -base64 32`, or take the file away and let Trueup make it.',
  },
  TRUEUP_SEAL_BROKEN: {
    exit: 1,
    cause: 'The record was altered, or copied from that of another device, account or rotation.',
    remedy:
      'Restore the store from a backup, or rotate the password; `trueup audit verify` tells whether more was altered.',
  },
  TRUEUP_RECIPIENT_INVALID: {
    exit: 1,
    cause: 'Passwords are sealed to an RSA key of 2048 bits or more, in PEM.',
    remedy:
      'Make one with `openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:3072 -aes256 -out private.pem`, and its public half with `openssl pkey -in private.pem -pubout -out public.pem`.',
  },
  TRUEUP_BOX_CLOSED: {
    exit: 1,
    cause: 'It was sealed to another key, or somebody altered it or the names beside it.',
    remedy: 'Give the private key whose fingerprint stands beside it, and the line as it was written.',
  },
  TRUEUP_BACKUP_INVALID: {
    exit: 1,
    cause: 'The file is no backup, was altered, or was cut off while it was copied.',
    remedy: 'Take another copy of it, or an earlier backup; nothing of it was restored.',
  },
  TRUEUP_RESTORE_REFUSED: {
    exit: 1,
    cause: 'A restore never takes the place of something that is there.',
    remedy: 'Move what the message names elsewhere, or name another store with --store; then restore again.',
  },
  TRUEUP_SINK_FAILED: {
    exit: 1,
    cause: 'The command that a policy hands new passwords to did not end with 0; its output is never shown.',
    remedy:
      'Mend the command; the password is kept, and every later run hands it out again until the command takes it.',
  },
} as const;
