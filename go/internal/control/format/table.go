package format

import "strings"

// Column is one of a table.
type Column struct {
	Title string
	// Right is for numbers.
	Right bool
}

const gap = "  "

// Table aligns rows under the titles of columns, one line each, and gives the titles' line first. No line ends with spaces.
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

// Pad is text in so many columns, or more if it has more.
func Pad(text string, columns int, right bool) string {
	blank := strings.Repeat(" ", max(0, columns-Width(text)))
	if right {
		return blank + text
	}
	return text + blank
}
