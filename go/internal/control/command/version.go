package command

import (
	"encoding/json"
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/scaler-native/scaler-native/go/internal/version"
)

func (p *program) version() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version of this program",
		Args: argCount(0, 0, "no argument"), ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			if !p.json {
				return p.out.printLine("%s %s (%s/%s, %s)", Name, version.Version, runtime.GOOS, runtime.GOARCH, runtime.Version())
			}
			text, err := json.Marshal(map[string]string{
				"version": version.Version, "platform": fmt.Sprintf("%s/%s", runtime.GOOS, runtime.GOARCH), "go": runtime.Version(),
			})
			if err != nil {
				return err
			}
			return p.printJSON(text)
		},
	}
}
