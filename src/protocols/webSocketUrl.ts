/** Addresses of WebSockets. */

/** The address that the handshake is sent to: a WebSocket is HTTP until it is not. */
export const asHttp = (url: string): string => url.replace(/^ws/i, 'http');

export const isWebSocketUrl = (url: string): boolean => /^wss?:/i.test(url);
