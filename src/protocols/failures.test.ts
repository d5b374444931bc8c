import { describe, expect, it } from 'vitest';
import { connectFailure, exchangeFailure, messageOf, statusFailure } from './failures.ts';
import { failureKinds } from '../model/failures.ts';

const error = (code: string, errno?: number): Error =>
  Object.assign(new Error(`${code}: of the test`), { code, ...(errno === undefined ? {} : { errno }) });

describe('failure kinds', () => {
  it.each([
    ['ECONNREFUSED', 'connect.refused'],
    ['ECONNRESET', 'connect.reset'],
    ['ETIMEDOUT', 'connect.timeout'],
    ['EHOSTUNREACH', 'connect.unreachable'],
    ['ENETUNREACH', 'connect.unreachable'],
    ['EACCES', 'connect.unreachable'],
    ['EADDRNOTAVAIL', 'connect.ports'],
    ['EMFILE', 'connect.descriptors'],
    ['ENFILE', 'connect.descriptors'],
    ['ENOTFOUND', 'dns'],
    ['EAI_AGAIN', 'dns'],
    ['EAI_NODATA', 'dns'],
  ])('names %s while connecting %s, with TLS and without', (code, kind) => {
    for (const tls of [true, false]) expect(connectFailure(error(code, -111), tls)).toBe(kind);
  });

  it.each([
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'CERT_HAS_EXPIRED',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL',
  ])('names %s in a handshake tls', (code) => {
    expect(connectFailure(error(code), true)).toBe('tls');
  });

  it('names EPROTO in a handshake tls, though it has an errno', () => {
    expect(connectFailure(error('EPROTO', -71), true)).toBe('tls');
  });

  it.each([
    ['ECONNRESET', 'reset'],
    ['EPIPE', 'reset'],
    ['EHOSTUNREACH', 'reset'],
    ['ETIMEDOUT', 'timeout'],
    ['EPROTO', 'tls'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'tls'],
  ])('names %s during an exchange %s', (code, kind) => {
    expect(exchangeFailure(error(code, -104))).toBe(kind);
  });

  it('has a known kind even for what is no error', () => {
    for (const odd of [null, undefined, 'text', 7, {}, new Error('plain'), { code: 5 }]) {
      for (const tls of [true, false]) expect(Object.keys(failureKinds)).toContain(connectFailure(odd, tls));
      expect(Object.keys(failureKinds)).toContain(exchangeFailure(odd));
    }
  });

  it('names a status, and cuts a message at 200 characters', () => {
    expect(statusFailure(503)).toBe('http.503');
    expect(messageOf(new Error(` ${'a'.repeat(900)} `))).toBe('a'.repeat(200));
    expect(messageOf('text')).toBe('text');
  });
});
