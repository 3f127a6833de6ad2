package org.gpt2j.training.data;

import java.util.List;

/**
 * A row of a table.
 *
 * @param line of the file that it begins in, 1 for the first
 * @param number of the row, 1 for the first below the header
 * @param fields empty where there is a problem
 * @param problem why the row cannot be read, in words such as "expected 2 columns, found 1"; null
 *     for a good row
 */
public record TableRow(long line, int number, List<String> fields, String problem) {}
