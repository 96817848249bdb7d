import { JSON_FORMAT } from './json.js';
import type { PageFormat } from './page.js';
import { TEXT_FORMAT } from './text.js';
import { XML_FORMAT } from './xml.js';

/** The formats of a page, by media type. */
export const FORMATS: Readonly<Record<'json' | 'xml' | 'text', PageFormat>> = {
  json: JSON_FORMAT,
  xml: XML_FORMAT,
  text: TEXT_FORMAT,
};
