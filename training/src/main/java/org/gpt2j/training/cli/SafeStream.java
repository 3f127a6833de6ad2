package org.gpt2j.training.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.Charset;
import org.gpt2j.io.Printable;

/**
 * A stream that people read on a terminal: labels, texts, names of files and a server's words are
 * strangers', and what would steer the terminal in them is spelled out.
 */
final class SafeStream extends PrintStream {
  SafeStream(OutputStream out, Charset charset) {
    super(out, true, charset);
  }

  @Override
  public void print(String text) {
    super.print(Printable.text(String.valueOf(text)));
  }

  @Override
  public void print(char[] text) {
    print(new String(text));
  }

  /** A writer on this stream. */
  PrintWriter writer() {
    return new PrintWriter(
        new Writer() {
          @Override
          public void write(char[] text, int offset, int length) {
            print(new String(text, offset, length));
          }

          @Override
          public void flush() {
            SafeStream.this.flush();
          }

          @Override
          public void close() throws IOException {
            SafeStream.this.close();
          }
        },
        true);
  }
}
