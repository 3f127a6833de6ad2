package org.gpt2j.hub;

import java.io.IOException;
import org.gpt2j.io.Printable;

/**
 * A server does not give what it is asked for; the message is one sentence, in which what a server
 * says cannot steer a terminal.
 */
public class HubException extends IOException {
  private final boolean unavailable;

  HubException(String message) {
    this(message, false, null);
  }

  HubException(String message, boolean unavailable, Throwable cause) {
    super(Printable.line(message), cause);
    this.unavailable = unavailable;
  }

  /** Whether the network or the server is at fault, so that the same may succeed another time. */
  public boolean unavailable() {
    return unavailable;
  }
}
