/**
 * Gives one string for all that are equal. What is read of a store is a string of its own in each record, and a fleet has a
 * handful of systems, domains and times.
 */
export function sharedText(): <Text extends string | null>(text: Text) => Text {
  const known = new Map<string, string>();
  return <Text extends string | null>(text: Text): Text => {
    if (text === null) return text;
    const same = known.get(text);
    if (same === undefined) known.set(text, text);
    return (same ?? text) as Text;
  };
}
