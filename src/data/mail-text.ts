/**
 * The readable text of an e-mail: its subject and its body.
 * MIME is taken apart by postal-mime. Around it stand two steps: one spares it work that a classifier has no use for,
 * the other makes the result the same in every version of Node, whose decoders of old character sets differ.
 */
import { compile } from "html-to-text";
import PostalMime from "postal-mime";

/**
 * The subject and the body of a mail, one line break between them; the plain text part if there is one, else the text
 * of the HTML part. Links, images and attachments leave no trace, nor does what nests deeper than any real mail.
 * @param bytes - The mail as it was delivered, headers first.
 */
export async function mailText(bytes: Uint8Array): Promise<string> {
  const mail = await PostalMime.parse(prepareMail(bytes));
  const plain = mail.text ?? "";
  const body = plain.trim() === "" ? htmlText(mail.html ?? "") : plain;
  return repairControls(`${mail.subject ?? ""}\n${body}`);
}

/**
 * Deepest element whose text is read: html-to-text calls itself for each, until the stack ends. The mails of the package
 * nest at most 30 deep.
 */
const maxDepth = 200;

/** Longest HTML that is read, in UTF-16 code units; the longest of the package has 82,349. */
const maxHtmlLength = 4_000_000;

const htmlToText = compile({
  wordwrap: false,
  // Cut without a trace: what stands for it would be a token of its own.
  limits: { maxDepth, ellipsis: "" },
  // Upper case would come from the engine's Unicode tables, and addresses would crowd out the words.
  selectors: [
    { selector: "a", options: { ignoreHref: true } },
    { selector: "img", format: "skip" },
    ...["h1", "h2", "h3", "h4", "h5", "h6"].map((selector) => ({
      selector,
      options: { uppercase: false },
    })),
    { selector: "table", options: { uppercaseHeaderCells: false } },
  ],
});

/** Cut here and not by html-to-text, which writes a warning of its own to the terminal. */
function htmlText(html: string): string {
  return htmlToText(html.slice(0, maxHtmlLength));
}

/**
 * The mail with only the headers that matter. A body that is neither multipart nor encoded is handed over as one line
 * of base64, because postal-mime keeps every line of a plain body as a part of a Blob: four fifths of its time.
 */
function prepareMail(bytes: Uint8Array): Uint8Array {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = headerEnd(buffer);
  const headers = keptHeaders(buffer.toString("latin1", 0, end));
  const body = buffer.subarray(end);
  if (isPlain(headers)) {
    // Of two headers with the same name, postal-mime takes the first.
    const text = `Content-Transfer-Encoding: base64\n${pinCharsets(headers)}\n`;
    return Buffer.from(text + body.toString("base64"), "latin1");
  }
  return Buffer.from(pinCharsets(headers + body.toString("latin1")), "latin1");
}

/** Length of the header lines, without the empty line after them. */
function headerEnd(buffer: Buffer): number {
  if (/^\r?\n/.test(buffer.toString("latin1", 0, 2))) return 0;
  const ends = [buffer.indexOf("\n\n"), buffer.indexOf("\n\r\n")].filter((end) => end >= 0);
  return ends.length === 0 ? buffer.length : Math.min(...ends) + 1;
}

/** Header lines as the mail has them, continuation lines with theirs. */
function keptHeaders(headers: string): string {
  const kept = headers
    .split(/\r?\n(?![ \t])/)
    .filter((line) => /^[ \t]*(?:subject|content-[a-z-]+)[ \t]*:/i.test(line));
  return kept.map((line) => `${line}\n`).join("");
}

function isPlain(headers: string): boolean {
  const isNested = /^content-type[ \t]*:[ \t]*"?(?:multipart|message)/im.test(headers);
  const encodings = [...headers.matchAll(/^content-transfer-encoding[ \t]*:(.*)$/gim)];
  return !isNested && encodings.every(([, value = ""]) => /\b(?:7bit|8bit|binary)\b/i.test(value));
}

/**
 * Names every character set but UTF-8 Windows-1252. Versions of Node disagree about old Chinese encodings, and a mail's
 * own claim is often wrong; read as Latin bytes, such a text is still told apart, and in the same way everywhere.
 */
function pinCharsets(mail: string): string {
  return mail
    .replace(/(charset\s*=\s*["']?\s*)([\w.:+-]+)/gi, (whole, start: string, name: string) =>
      isUtf8Name(name) ? whole : `${start}windows-1252`,
    )
    .replace(/=\?([\w.:+*-]+)\?([bq]\?)/gi, (whole, name: string, rest: string) =>
      isUtf8Name(name) ? whole : `=?windows-1252?${rest}`,
    );
}

function isUtf8Name(name: string): boolean {
  return /^utf-?8$/i.test(name);
}

/** What Windows-1252 has at 0x80 to 0x9f; five places are not used. */
const windows1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";

/** Some versions of Node decode Windows-1252 as ISO 8859-1, with control characters where its punctuation is. */
function repairControls(text: string): string {
  return text.replace(/[\u0080-\u009f]/g, (control) =>
    windows1252.charAt(control.charCodeAt(0) - 0x80),
  );
}
