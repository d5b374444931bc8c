/**
 * Addresses of gRPC: `grpc://host:port`, with TLS `grpcs://`, and behind it the method where one is called without a script.
 *
 * Without a port it is that of HTTP: 80, with TLS 443. User and password have no place in it; they are metadata.
 */
import { hostOf, portOf } from '../httpRequest.ts';

export interface GrpcAddress {
  /** Without a method, and with its port: `grpc://localhost:50051`. */
  readonly url: string;
  /** IPv6 without its brackets. */
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  /** `package.Service/Method`; empty where it names none. */
  readonly method: string;
}

export const isGrpcUrl = (url: string): boolean => /^grpcs?:/i.test(url);

/** gRPC is HTTP/2: where it is reached. */
export const grpcAsHttp = (url: string): string => url.replace(/^grpc/i, 'http');

/** @throws TypeError for what is no address of gRPC, without saying what was given: it may hold a password */
export function grpcAddress(given: string): GrpcAddress {
  const http = grpcAsHttp(given);
  const url = isGrpcUrl(given) && given.includes('://') && URL.canParse(http) ? new URL(http) : null;
  if (url === null || url.hostname === '') {
    throw new TypeError('its URL is not of gRPC; it needs a host and a port: grpc://localhost:50051');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new TypeError('a URL of gRPC has no user, password or parameters; they are metadata');
  }
  const isTls = url.protocol === 'https:';
  const port = portOf(url);
  return {
    url: `grpc${isTls ? 's' : ''}://${url.hostname}:${port}`,
    host: hostOf(url),
    port,
    isTls,
    method: decodeURIComponent(url.pathname.slice(1)),
  };
}
