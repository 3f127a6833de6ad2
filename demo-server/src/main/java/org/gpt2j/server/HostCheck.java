package org.gpt2j.server;

import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which names a server at a loopback address answers to. A page of another site can have its own
 * name resolve to 127.0.0.1 (DNS rebinding) and would then be of the same origin as this server;
 * its requests still carry that name in Host.
 */
final class HostCheck {
  private static final Pattern HOST = Pattern.compile("(\\[[0-9a-fA-F:.]+]|[^\\[\\]:/@]+)(:\\d*)?");
  private static final Pattern LOOPBACK = Pattern.compile("127(\\.\\d{1,3}){3}|\\[::1]");

  private final boolean loopback;
  private final Set<String> names = new HashSet<>();

  /**
   * @param address that the server is bound to
   * @param host as it was given, and is therefore allowed
   * @param allowed further names
   */
  HostCheck(InetAddress address, String host, List<String> allowed) {
    loopback = address.isLoopbackAddress();
    names.add("localhost");
    names.add(host.toLowerCase(Locale.ROOT));
    allowed.forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
  }

  /** Refuses a request with another name. */
  void check(List<String> hosts) throws ApiException {
    if (!loopback) {
      return;
    }
    Matcher host = HOST.matcher(hosts.size() == 1 ? hosts.get(0) : "");
    if (!host.matches()) {
      throw new ApiException(
          ErrorCode.INVALID_HOST, "Host: expected one name of this server, found none.");
    }
    String name = host.group(1).toLowerCase(Locale.ROOT);
    if (!names.contains(name) && !LOOPBACK.matcher(name).matches()) {
      throw new ApiException(
          ErrorCode.HOST_NOT_ALLOWED,
          "Host: expected localhost or a name given with --allow-host, found another.");
    }
  }
}
