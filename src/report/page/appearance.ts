/** How the page looks right now: light or dark, on screen or on paper. Charts ask here and are told of changes. */
import { useEffect, useState } from 'preact/hooks';
import { dark, light, type Palette } from './palette.ts';

export type Theme = 'auto' | 'light' | 'dark';

const storageKey = 'plimsoll-theme';
const systemDark = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();
let theme: Theme = remembered();
let printing = false;

/** A page opened from disk may be denied storage: then the choice lasts as long as the page. */
function remembered(): Theme {
  try {
    const stored = localStorage.getItem(storageKey);
    return stored === 'light' || stored === 'dark' ? stored : 'auto';
  } catch {
    return 'auto';
  }
}

function apply(): void {
  if (theme === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  for (const listener of listeners) listener();
}

const isDark = (): boolean => (theme === 'auto' ? systemDark.matches : theme === 'dark');

export const isPrinting = (): boolean => printing;
export const currentPalette = (): Palette => (isDark() && !printing ? dark : light);

/** @returns a function that ends the subscription */
export function onAppearance(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export function chooseTheme(next: Theme): void {
  theme = next;
  try {
    localStorage.setItem(storageKey, next);
  } catch {
    // Nothing to remember it in.
  }
  apply();
}

export function startAppearance(): void {
  apply();
  systemDark.addEventListener('change', apply);
  // Listeners run before the browser lays out the paper, so the charts are on it in light colours.
  const print = (on: boolean) => () => {
    printing = on;
    apply();
  };
  addEventListener('beforeprint', print(true));
  addEventListener('afterprint', print(false));
}

export function useTheme(): { theme: Theme; dark: boolean } {
  const [seen, see] = useState({ theme, dark: isDark() });
  useEffect(() => onAppearance(() => see({ theme, dark: isDark() })), []);
  return seen;
}

/** Whether the window is at most this wide, kept up to date. */
export function useNarrow(width: number): boolean {
  const [narrow, setNarrow] = useState(() => matchMedia(`(max-width: ${width}px)`).matches);
  useEffect(() => {
    const query = matchMedia(`(max-width: ${width}px)`);
    const update = (): void => setNarrow(query.matches);
    query.addEventListener('change', update);
    return () => query.removeEventListener('change', update);
  }, [width]);
  return narrow;
}
