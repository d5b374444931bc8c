import { useState } from 'preact/hooks';

/** Copies also where the clipboard interface is denied, as on some pages opened from disk. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}

export function CopyButton({ name, text }: { name: string; text: () => string }) {
  const [said, say] = useState('');
  const onClick = (): void => {
    void copy(text()).then((done) => {
      say(done ? 'Copied' : 'Not copied');
      setTimeout(() => say(''), 2000);
    });
  };
  return (
    <button type="button" class="quiet-button" onClick={onClick}>
      <span aria-live="polite">{said === '' ? name : said}</span>
    </button>
  );
}
