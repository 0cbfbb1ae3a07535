package format

import "strings"

// Column is a column of a table.
type Column struct {
	Title string
	Right bool // aligned right, for numbers
}

const gap = "  "

// Table aligns rows under the titles of columns. The first line has the titles. Lines have no trailing spaces.
func Table(columns []Column, rows [][]string) []string {
	widths := make([]int, len(columns))
	titles := make([]string, len(columns))
	for i, column := range columns {
		titles[i] = column.Title
		widths[i] = Width(column.Title)
		for _, row := range rows {
			widths[i] = max(widths[i], Width(row[i]))
		}
	}
	lines := []string{line(columns, widths, titles)}
	for _, row := range rows {
		lines = append(lines, line(columns, widths, row))
	}
	return lines
}

func line(columns []Column, widths []int, row []string) string {
	cells := make([]string, len(row))
	for i, text := range row {
		cells[i] = Pad(text, widths[i], columns[i].Right)
	}
	return strings.TrimRight(strings.Join(cells, gap), " ")
}

// Pad fills text with spaces to a number of columns. Wider text stays as it is.
func Pad(text string, columns int, right bool) string {
	blank := strings.Repeat(" ", max(0, columns-Width(text)))
	if right {
		return blank + text
	}
	return text + blank
}
