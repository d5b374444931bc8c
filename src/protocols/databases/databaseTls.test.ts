import { expect, it } from 'vitest';
import { dialled, usualTrust, wantsTls } from './databaseTls.ts';
import { databaseAddress } from './databaseUrl.ts';

it.each([
  ['postgres://a.test/shop', false],
  ['postgres://a.test/shop?sslmode=disable', false],
  ['postgres://a.test/shop?sslmode=require', true],
  ['mysql://a.test/shop?ssl-mode=VERIFY_CA', true],
  ['mysql://a.test/shop?ssl=true', true],
  ['redis://a.test', false],
  ['rediss://a.test', true],
  ['sqlite:shop.db', false],
])('the URL says whether there is TLS: %s', (url, expected) => {
  expect(wantsTls(databaseAddress(url))).toBe(expected);
});

it('what is said of it goes to the client beside the URL, and not twice', () => {
  const address = databaseAddress('postgres://a.test/shop?sslmode=require&application_name=x');
  expect(dialled(address, { ...usualTrust, ca: 'PEM' })).toEqual({
    url: 'postgres://a.test/shop?application_name=x',
    tls: { ca: 'PEM', rejectUnauthorized: true },
  });
  expect(dialled(address, { ...usualTrust, insecure: true }).tls?.rejectUnauthorized).toBe(false);
  expect(dialled(databaseAddress('postgres://a.test/shop'), { ...usualTrust, ca: 'PEM' }).tls).toBeNull();
});

it('the name is not checked where the URL asks for the authority alone, and nothing is where it says so', () => {
  const of = (mode: string) =>
    dialled(databaseAddress(`postgres://a.test/shop?sslmode=${mode}`), usualTrust).tls;
  expect(of('verify-ca')?.checkServerIdentity?.()).toBeUndefined();
  expect(of('verify-ca')).toHaveProperty('checkServerIdentity');
  expect(of('verify-full')).not.toHaveProperty('checkServerIdentity');
  expect(of('no-verify')?.rejectUnauthorized).toBe(false);
});

it('a URL that names files of its own is left to its client, unless the command line says otherwise', () => {
  const address = databaseAddress('postgres://a.test/shop?sslmode=verify-full&sslrootcert=/own.pem');
  expect(dialled(address, usualTrust)).toEqual({ url: address.url, tls: null });
  expect(dialled(address, { ...usualTrust, ca: 'PEM' }).url).toBe('postgres://a.test/shop');
});
