/** The cookies of one user (RFC 6265, through tough-cookie): kept from answers, sent where they belong. */
import { CookieJar } from 'tough-cookie';

export class Cookies {
  #jar: CookieJar | null = null;

  /** Keeps what may be kept; what a browser would refuse is refused. */
  keep(url: URL, values: readonly string[]): void {
    this.#jar ??= new CookieJar();
    for (const value of values) this.#jar.setCookieSync(value, url.href, { ignoreError: true });
  }

  /** The Cookie header for this address; empty where there is none. */
  header(url: URL): string {
    return this.#jar === null ? '' : this.#jar.getCookieStringSync(url.href);
  }

  /** Whether any were kept. */
  get any(): boolean {
    return this.#jar !== null;
  }

  clear(): void {
    this.#jar = null;
  }
}
