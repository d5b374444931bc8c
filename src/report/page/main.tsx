/** Starts the page: reads the report that stands in it and draws it. Nothing is ever loaded from elsewhere. */
import { render } from 'preact';
import type { Report } from '../../model/report.ts';
import { unpack } from '../html.ts';
import { startAppearance } from './appearance.ts';
import { Page } from './Page.tsx';
import { paletteStyle } from './palette.ts';
// In this order: what comes later wins.
import './style/base.css';
import './style/masthead.css';
import './style/verdict.css';
import './style/scale.css';
import './style/figures.css';
import './style/findings.css';
import './style/charts.css';
import './style/tables.css';
import './style/measured.css';
import './style/narrow.css';
import './style/print.css';

/** The report in the page; while developing, the sample that the address names: ?sample=cliff. */
async function carriedReport(): Promise<Report | null> {
  const text = document.getElementById('plimsoll-report')?.textContent ?? '';
  if (text.trim() !== '') return unpack(JSON.parse(text));
  if (!import.meta.env.DEV) return null;
  const { samples, long } = await import('./samples.ts');
  const name = new URLSearchParams(location.search).get('sample') ?? 'good';
  return name === 'long' ? long(60, 2700) : (samples[name as keyof typeof samples] ?? samples.good);
}

const style = document.createElement('style');
style.textContent = paletteStyle;
document.head.append(style);
startAppearance();

const place = document.getElementById('page');
const report = await carriedReport();
if (place !== null) {
  if (report === null) place.textContent = 'This page carries no report.';
  else render(<Page report={report} />, place);
}
