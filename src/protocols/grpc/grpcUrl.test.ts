import { describe, expect, it } from 'vitest';
import { grpcAddress, grpcAsHttp, isGrpcUrl } from './grpcUrl.ts';

describe('an address of gRPC', () => {
  it.each([
    ['grpc://localhost:50051', { url: 'grpc://localhost:50051', host: 'localhost', port: 50051, method: '' }],
    ['grpc://localhost', { url: 'grpc://localhost:80', port: 80, isTls: false }],
    ['grpcs://Shop.example/', { url: 'grpcs://shop.example:443', port: 443, isTls: true, method: '' }],
    ['grpc://[::1]:7/a.b.C/D', { url: 'grpc://[::1]:7', host: '::1', port: 7, method: 'a.b.C/D' }],
    ['GRPC://localhost:443/C/D', { url: 'grpc://localhost:443', port: 443, isTls: false, method: 'C/D' }],
  ])('has a port, and names a method or none: %s', (given, wanted) => {
    expect(grpcAddress(given)).toMatchObject(wanted);
    expect(grpcAddress(grpcAddress(given).url).url).toBe(grpcAddress(given).url);
  });

  it.each([
    'grpc:localhost:50051',
    'grpc://',
    'http://localhost:1',
    'grpc://localhost:70000',
    'grpc://clerk:sesame@localhost:1',
    'grpc://localhost:1/a.B/C?x=1',
  ])('is refused where it is none, without being shown: %s', (given) => {
    expect(() => grpcAddress(given)).toThrow(TypeError);
    expect(() => grpcAddress(given)).not.toThrow(/sesame/);
  });

  it('is reached as HTTP', () => {
    expect([isGrpcUrl('grpcs://x:1'), isGrpcUrl('http://x')]).toEqual([true, false]);
    expect(grpcAsHttp('grpcs://x:1/a.B/C')).toBe('https://x:1/a.B/C');
  });
});
