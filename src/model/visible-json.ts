/** Not ASCII, so only ever inside a string, where JSON lets every character be written by its number. */
const hidden = /[\u007F-\u009F\p{Cf}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** JSON that no terminal takes for anything but text; what parses it reads exactly the same strings. */
export function visibleJson(json: string): string {
  return json.replace(hidden, numbered);
}

function numbered(characters: string): string {
  let text = '';
  for (const unit of characters.split('')) text += `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return text;
}
