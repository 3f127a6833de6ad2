package org.gpt2j.lora;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.PatternSyntaxException;

/**
 * Writes a regular expression of Python 3.11's {@code re} (Lib/re/_parser.py) as Java has it. Each
 * literal is escaped, so what only Java knows ({@code \Q..\E}, {@code &&} in a class) cannot come
 * in; named groups become numbers. Refused: what is an error in Python, octal escapes, \N{..},
 * \U........, conditions (?(1)..) and the flag x.
 */
final class PythonRegexSyntax {
  /** A group that is not closed yet; 0 is the number of one without. */
  private record Open(int number) {}

  /** What a quantifier would repeat. */
  private enum Before {
    NOTHING,
    ITEM,
    REPEAT
  }

  /**
   * Holds everywhere, and looks at a character of every text that is not empty: the character
   * U+FFFF is in no text. So what repeats without moving on is counted too.
   */
  private static final String COUNT = "(?!\\uFFFF)(?<!\\uFFFF)";

  private static final int MOST_DIGITS = 9;

  private final String in;
  private int at;
  private final StringBuilder out = new StringBuilder();
  private final Deque<Open> open = new ArrayDeque<>();
  private final Map<String, Integer> names = new HashMap<>();
  private final Set<Integer> closed = new HashSet<>();
  private int count;
  private Before before = Before.NOTHING;

  private PythonRegexSyntax(String in) {
    this.in = in;
  }

  /**
   * Translates an expression.
   *
   * @throws PatternSyntaxException saying what cannot be taken; Java's compiler may find more
   */
  static PythonRegexSyntax parse(String text) {
    PythonRegexSyntax syntax = new PythonRegexSyntax(text);
    String flags = syntax.globalFlags();
    syntax.out.append(flags).append(COUNT);
    while (syntax.at < text.length()) {
      syntax.next();
    }
    if (!syntax.open.isEmpty()) {
      throw syntax.wrong("Unclosed group");
    }
    return syntax;
  }

  /** The expression for java.util.regex. */
  String java() {
    return out.toString();
  }

  /** Numbers of the named groups. */
  Map<String, Integer> groups() {
    return Map.copyOf(names);
  }

  private PatternSyntaxException wrong(String why) {
    return new PatternSyntaxException(why, in, at);
  }

  private boolean take(String expected) {
    if (in.startsWith(expected, at)) {
      at += expected.length();
      return true;
    }
    return false;
  }

  private void next() {
    int c = in.codePointAt(at);
    at += Character.charCount(c);
    switch (c) {
      case '(' -> openGroup();
      case ')' -> closeGroup();
      case '|' -> {
        out.append('|').append(COUNT);
        before = Before.NOTHING;
      }
      case '[' -> characterClass();
      case '\\' -> escape();
      case '^', '$' -> anchor(Character.toString(c));
      case '.' -> item(".");
      case '*', '+', '?' -> quantifier(Character.toString(c));
      case '{' -> braces();
      default -> item(literal(c));
    }
  }

  private void item(String java) {
    out.append(java);
    before = Before.ITEM;
  }

  private void anchor(String java) {
    out.append(java);
    before = Before.NOTHING;
  }

  private static String literal(int c) {
    boolean plain = c > 127 || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z';
    return plain ? Character.toString(c) : "\\" + (char) c;
  }

  private void quantifier(String java) {
    switch (before) {
      case NOTHING -> throw wrong("Dangling meta character '" + java.charAt(0) + "'");
      case REPEAT -> throw wrong("Dangling meta character '" + java.charAt(0) + "' after another");
      default -> {
        out.append(java);
        if (take("?")) {
          out.append('?');
        } else if (take("+")) {
          out.append('+');
        }
        before = Before.REPEAT;
      }
    }
  }

  /** {m}, {m,}, {,n}, {m,n} and {,} are quantifiers; any other brace is itself. */
  private void braces() {
    int start = at;
    String low = digits();
    String high = take(",") ? digits() : low;
    boolean range = at > start && take("}");
    if (!range) {
      at = start;
      item("\\{");
      return;
    }
    if (low.length() > MOST_DIGITS || high.length() > MOST_DIGITS) {
      throw wrong("a repetition of more than " + MOST_DIGITS + " digits");
    }
    if (!low.isEmpty() && !high.isEmpty() && Integer.parseInt(high) < Integer.parseInt(low)) {
      throw wrong("Illegal repetition range");
    }
    quantifier("{" + (low.isEmpty() ? "0" : low) + "," + high + "}");
  }

  private String digits() {
    int start = at;
    while (at < in.length() && in.charAt(at) >= '0' && in.charAt(at) <= '9') {
      at++;
    }
    return in.substring(start, at);
  }

  private void openGroup() {
    if (!take("?")) {
      push("(", ++count);
    } else if (take("P<")) {
      String name = groupName('>');
      push("(", ++count);
      if (names.put(name, count) != null) {
        throw wrong("the group " + name + " twice");
      }
    } else if (take("P=")) {
      String name = groupName(')');
      if (!names.containsKey(name)) {
        throw wrong("no group " + name);
      }
      reference(names.get(name));
    } else if (take("#")) {
      int end = in.indexOf(')', at);
      if (end < 0) {
        throw wrong("a comment without an end");
      }
      at = end + 1;
    } else if (take("(")) {
      throw wrong("conditions (?(..)..) are not supported");
    } else {
      for (String kind : new String[] {":", "=", "!", "<=", "<!", ">"}) {
        if (take(kind)) {
          push("(?" + kind, 0);
          return;
        }
      }
      scopedFlags();
    }
  }

  private void push(String java, int number) {
    out.append(java).append(COUNT);
    open.push(new Open(number));
    before = Before.NOTHING;
  }

  private void closeGroup() {
    if (open.isEmpty()) {
      throw wrong("Unmatched closing ')'");
    }
    closed.add(open.pop().number());
    item(")");
  }

  private String groupName(char end) {
    int stop = in.indexOf(end, at);
    String name = stop < 0 ? "" : in.substring(at, stop);
    if (!name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
      throw wrong("a group without a name in ASCII letters");
    }
    at = stop + 1;
    return name;
  }

  private void reference(int number) {
    if (!closed.contains(number)) {
      throw wrong("a reference to the group " + number + ", which is not closed before it");
    }
    item("(?:\\" + number + ")");
  }

  /** Flags for the whole, which Python has at the start only. */
  private String globalFlags() {
    StringBuilder flags = new StringBuilder();
    while (in.startsWith("(?", at)) {
      int end = at + 2;
      while (end < in.length() && Character.isLetter(in.charAt(end))) {
        end++;
      }
      if (end == at + 2 || end == in.length() || in.charAt(end) != ')') {
        break;
      }
      flags.append(flags(in.substring(at + 2, end)));
      at = end + 1;
    }
    return flags.isEmpty() ? "" : "(?" + flags + ")";
  }

  private void scopedFlags() {
    int colon = in.indexOf(':', at);
    String flags = colon < 0 ? ")" : in.substring(at, colon);
    if (!flags.matches("[A-Za-z]*(-[A-Za-z]+)?")) {
      int shown = Math.min(in.length(), at + 1);
      throw wrong("(?" + in.substring(at, shown) + " is not of Python, or not at the start");
    }
    at = colon + 1;
    int minus = flags.indexOf('-');
    String on = flags(minus < 0 ? flags : flags.substring(0, minus));
    String off = minus < 0 ? "" : "-" + flags(flags.substring(minus + 1));
    push("(?" + on + off + ":", 0);
  }

  /** i, m and s are Java's too (i for all letters is iu); a and u change nothing in ASCII names. */
  private String flags(String python) {
    StringBuilder java = new StringBuilder();
    for (char flag : python.toCharArray()) {
      switch (flag) {
        case 'i' -> java.append("iu");
        case 'm', 's' -> java.append(flag);
        case 'a', 'u' -> {}
        default -> throw wrong("the flag " + flag + " is not supported");
      }
    }
    return java.toString();
  }

  private void escape() {
    char c = escaped();
    switch (c) {
      case 'A' -> anchor("\\A");
      case 'Z' -> anchor("\\z");
      case 'b', 'B' -> anchor("\\" + c);
      case 'd', 'D', 's', 'S', 'w', 'W' -> item("\\" + c);
      default -> {
        if (c >= '1' && c <= '9') {
          if (at < in.length() && Character.isDigit(in.charAt(at))) {
            throw wrong("a reference of two digits, or an octal escape");
          }
          reference(c - '0');
        } else {
          item(literal(character(c)));
        }
      }
    }
  }

  private char escaped() {
    if (at == in.length()) {
      throw wrong("a backslash at the end");
    }
    return in.charAt(at++);
  }

  /** The character that an escape stands for, in a class and out of it. */
  private int character(char c) {
    return switch (c) {
      case 'a' -> 0x07;
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'v' -> 0x0B;
      case 'x' -> hexadecimal(2);
      case 'u' -> hexadecimal(4);
      default -> {
        if (c < 128 && Character.isLetterOrDigit(c)) {
          throw wrong("\\" + c + " is not of Python, or not supported");
        }
        yield c;
      }
    };
  }

  private int hexadecimal(int digits) {
    String hex = in.substring(at, Math.min(in.length(), at + digits));
    if (!hex.matches("[0-9a-fA-F]{" + digits + "}")) {
      throw wrong("expected " + digits + " hexadecimal digits, found '" + hex + "'");
    }
    at += digits;
    return Integer.parseInt(hex, 16);
  }

  private void characterClass() {
    out.append('[');
    if (take("^")) {
      out.append('^');
    }
    boolean first = true;
    while (first || !take("]")) {
      if (at >= in.length()) {
        throw wrong("Unclosed character class");
      }
      first = false;
      int low = classItem();
      boolean range = low >= 0 && in.startsWith("-", at) && !in.startsWith("-]", at);
      if (low < 0) {
        if (in.startsWith("-", at) && !in.startsWith("-]", at)) {
          throw wrong("Illegal character range");
        }
        continue;
      }
      out.append(literal(low));
      if (range) {
        at++;
        if (at >= in.length()) {
          throw wrong("Unclosed character class");
        }
        int mark = out.length();
        int high = classItem();
        if (high < low) { // also where it is a class such as \d
          throw wrong("Illegal character range");
        }
        out.setLength(mark);
        out.append('-').append(literal(high));
      }
    }
    item("]");
  }

  /** A character of a class; or -1 after writing a class such as \d. */
  private int classItem() {
    int c = in.codePointAt(at);
    at += Character.charCount(c);
    if (c != '\\') {
      return c;
    }
    char e = escaped();
    if ("dDsSwW".indexOf(e) >= 0) {
      out.append('\\').append(e);
      return -1;
    }
    return e == 'b' ? '\b' : character(e);
  }
}
